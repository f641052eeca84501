package dev.gamelan.text;

import dev.gamelan.text.gguf.GgufTokenizers;
import dev.gamelan.text.hf.MergesFiles;
import dev.gamelan.text.hf.TokenizerFiles;
import dev.gamelan.text.llama2c.Llama2cTokenizer;
import dev.gamelan.text.sp.SpTokenizer;
import dev.gamelan.text.tiktoken.TiktokenFiles;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Opens tokenizers of every supported format. */
public final class Tokenizers {
  private static final List<String> NAMES =
      List.of(
          "tokenizer.json",
          "tokenizer.json.gz",
          "tokenizer.model",
          "spiece.model",
          "tekken.json",
          "tiktoken.model",
          "merges.txt",
          "vocab.bpe",
          "tokenizer.bin");
  private static final String SUPPORTED =
      "supported are tokenizer.json, SentencePiece's .model, .tiktoken ranks, Tekken, vocab.json"
          + " with merges.txt, GGUF, llama2.c's .bin, all gzipped or not, and a folder with one";
  private static final long LARGEST = 1L << 30;

  private Tokenizers() {}

  /**
   * Opens a tokenizer by what the file holds, whatever it is called: Hugging Face's {@code
   * tokenizer.json}; SentencePiece's {@code .model}; tiktoken's ranks, as {@code .tiktoken} or the
   * JSON of its npm package; Mistral's Tekken; GPT-2's {@code merges.txt} or {@code vocab.bpe} with
   * the vocabulary beside it; the vocabulary of a GGUF file; llama2.c's {@code .bin}; any of them
   * gzipped; or a folder with one of them.
   *
   * @throws NoSuchFileException if there is no such file or folder
   * @throws IOException if it can't be read
   * @throws InvalidTokenizerException if it is none of these, damaged, or needs what isn't
   *     supported
   */
  public static Tokenizer open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no such tokenizer");
    }
    Path file = Files.isDirectory(path) ? inFolder(path) : path;
    byte[] head = head(file);
    if (head.length == 0) {
      throw new InvalidTokenizerException(file + ": the file is empty");
    }
    if (looksLikeJson(head) && !looksLikeOtherJson(head)) {
      return TokenizerFiles.read(file);
    }
    try {
      return open(file, head);
    } catch (InvalidTokenizerException e) {
      throw new InvalidTokenizerException(file + ": " + e.getMessage(), e);
    } catch (ZipException | EOFException e) {
      throw new InvalidTokenizerException(file + ": damaged gzip: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidTokenizerException(file + ": " + e.getMessage(), e);
    }
  }

  private static Tokenizer open(Path file, byte[] head) throws IOException {
    String start = new String(head, StandardCharsets.UTF_8);
    if (looksLikeJson(head)) {
      return VOCABULARY.matcher(start).find() && !OTHER.matcher(start).find()
          ? MergesFiles.read(text(file), text(beside(file, "merges.txt", "vocab.bpe")))
          : TiktokenFiles.json(text(file));
    } else if (starts(head, "#version")) {
      return MergesFiles.read(text(beside(file, "vocab.json", "encoder.json")), text(file));
    } else if (RANKS.matcher(start).find()) {
      return TiktokenFiles.ranks(text(file));
    } else if (starts(head, "GGUF")) {
      try (InputStream in = plain(file)) {
        return GgufTokenizers.read(in);
      }
    } else if (looksLikeLlama2c(head)) {
      return Llama2cTokenizer.of(bytes(file));
    } else if (starts(head, "\n")) {
      return sentencePiece(file);
    }
    throw new InvalidTokenizerException(kind(head) + "; " + SUPPORTED);
  }

  // Whether BOS and EOS are added stands in tokenizer_config.json, where there is one.
  private static Tokenizer sentencePiece(Path file) throws IOException {
    SpTokenizer plain = SpTokenizer.of(bytes(file));
    Path config = file.resolveSibling("tokenizer_config.json");
    if (!Files.isRegularFile(config)) {
      return plain;
    }
    JsonNode node;
    try {
      node = new JsonMapper().readTree(Files.readAllBytes(config));
    } catch (JacksonException e) {
      throw new InvalidTokenizerException(
          "tokenizer_config.json beside it is not well-formed JSON: " + e.getOriginalMessage(), e);
    }
    return new SpTokenizer(
        plain.model(),
        node.path("add_bos_token").asBoolean(plain.addsBos()),
        node.path("add_eos_token").asBoolean(false));
  }

  // A first key that no tokenizer.json has, and names with ids.
  private static final Pattern OTHER =
      Pattern.compile(
          "^\\uFEFF?\\s*\\{\\s*\"(pat_str|explicit_n_vocab|special_tokens|bpe_ranks|config|vocab)\"");
  private static final Pattern VOCABULARY =
      Pattern.compile("^\\uFEFF?\\s*\\{\\s*\"(?:[^\"\\\\]|\\\\.)*\"\\s*:\\s*\\d");
  private static final Pattern RANKS = Pattern.compile("^[A-Za-z0-9+/]+={0,2} \\d+\r?\n");

  private static boolean looksLikeOtherJson(byte[] head) {
    String start = new String(head, StandardCharsets.UTF_8);
    return OTHER.matcher(start).find() || VOCABULARY.matcher(start).find();
  }

  private static Path beside(Path file, String... names) {
    for (String name : names) {
      for (String form : List.of(name, name + ".gz")) {
        if (Files.isRegularFile(file.resolveSibling(form))) {
          return file.resolveSibling(form);
        }
      }
    }
    throw new InvalidTokenizerException(
        "beside it neither " + String.join(" nor ", names) + " is found, which it needs");
  }

  private static InputStream plain(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
      in.reset();
      return gzip ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = plain(file)) {
      byte[] all = in.readNBytes((int) LARGEST);
      if (all.length == LARGEST) {
        throw new InvalidTokenizerException("more than 1 GiB; no tokenizer is so large");
      }
      return all;
    }
  }

  private static String text(Path file) throws IOException {
    return new String(bytes(file), StandardCharsets.UTF_8);
  }

  private static Path inFolder(Path folder) throws IOException {
    for (String name : NAMES) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    List<Path> bins = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(
              f -> f.getFileName().toString().matches("tok.*\\.bin|.*\\.(tiktoken|gguf)(\\.gz)?"))
          .sorted()
          .forEach(bins::add);
    }
    if (bins.size() == 1) {
      return bins.getFirst();
    }
    throw new InvalidTokenizerException(
        bins.isEmpty()
            ? folder
                + ": the folder has no "
                + String.join(", ", NAMES)
                + ", tok*.bin, *.tiktoken or *.gguf"
            : folder + ": the folder has several tokenizers, " + bins + "; name one");
  }

  private static byte[] head(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      in.mark(2);
      boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
      in.reset();
      return (gzip ? new GZIPInputStream(in) : in).readNBytes(512);
    } catch (ZipException | EOFException e) {
      throw new InvalidTokenizerException(file + ": damaged gzip: " + e.getMessage(), e);
    }
  }

  private static boolean looksLikeJson(byte[] head) {
    int i = head.length >= 3 && head[0] == (byte) 0xEF && head[1] == (byte) 0xBB ? 3 : 0;
    while (i < head.length
        && (head[i] == ' ' || head[i] == '\n' || head[i] == '\r' || head[i] == '\t')) {
      i++;
    }
    return i < head.length && head[i] == '{';
  }

  // The longest length, then the first token, which is short and named like a control token.
  private static boolean looksLikeLlama2c(byte[] head) {
    if (head.length < 17) {
      return false;
    }
    ByteBuffer in = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    int longest = in.getInt(0);
    int first = in.getInt(8);
    return longest > 0 && longest <= 1 << 16 && first == 5 && head[12] == '<';
  }

  private static String kind(byte[] head) {
    if (starts(head, "PK")) {
      return "a zip archive";
    }
    return "not a tokenizer of a known format";
  }

  private static boolean starts(byte[] head, String magic) {
    for (int i = 0; i < magic.length(); i++) {
      if (i >= head.length || head[i] != magic.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
