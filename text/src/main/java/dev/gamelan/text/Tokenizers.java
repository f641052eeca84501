package dev.gamelan.text;

import dev.gamelan.text.hf.TokenizerFiles;
import dev.gamelan.text.llama2c.Llama2cTokenizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens tokenizers of every supported format. */
public final class Tokenizers {
  private static final List<String> NAMES =
      List.of("tokenizer.json", "tokenizer.json.gz", "tokenizer.bin");
  private static final String SUPPORTED =
      "supported are tokenizer.json (gzipped or not), a folder that holds one, and llama2.c's .bin";

  private Tokenizers() {}

  /**
   * Opens a tokenizer by what the file holds, whatever it is called: Hugging Face's {@code
   * tokenizer.json}, gzipped or not; llama2.c's {@code .bin}; or a folder with one of them.
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
    if (looksLikeJson(head)) {
      return TokenizerFiles.read(file);
    }
    if (looksLikeLlama2c(head)) {
      return Llama2cTokenizer.read(file);
    }
    throw new InvalidTokenizerException(file + ": " + kind(head) + "; " + SUPPORTED);
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
          .filter(f -> f.getFileName().toString().matches("tok.*\\.bin"))
          .sorted()
          .forEach(bins::add);
    }
    if (bins.size() == 1) {
      return bins.getFirst();
    }
    throw new InvalidTokenizerException(
        bins.isEmpty()
            ? folder + ": the folder has no " + String.join(", ", NAMES) + " or tok*.bin"
            : folder + ": the folder has several tokenizers, " + bins + "; name one");
  }

  private static byte[] head(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      in.mark(2);
      boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
      in.reset();
      return (gzip ? new GZIPInputStream(in) : in).readNBytes(64);
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
    if (starts(head, "GGUF")) {
      return "a GGUF file, whose vocabulary is not read yet";
    } else if (starts(head, "\n") && head.length > 2) {
      return "perhaps a SentencePiece model, which is not read yet";
    } else if (starts(head, "#version")) {
      return "perhaps a merges.txt, which is not read by itself";
    } else if (starts(head, "PK")) {
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
