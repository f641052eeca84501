package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code tokenizer.json} and the {@code tokenizer_config.json} beside it, from which the names of
 * BOS and EOS come. Where there is no such file, they are the special tokens by their usual names.
 */
public final class TokenizerFiles {
  static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();
  private static final List<String> BOS_NAMES =
      List.of("<|begin_of_text|>", "<s>", "<bos>", "<｜begin▁of▁sentence｜>", "<|startoftext|>");
  private static final List<String> EOS_NAMES =
      List.of("<|end_of_text|>", "</s>", "<eos>", "<｜end▁of▁sentence｜>", "<|endoftext|>");

  private TokenizerFiles() {}

  /**
   * Reads a {@code tokenizer.json}, gzipped or not.
   *
   * @throws IOException if it can't be read
   * @throws InvalidTokenizerException if it is malformed or asks for what isn't supported; the
   *     message begins with the file's name
   */
  public static HfTokenizer read(Path file) throws IOException {
    try (InputStream in = open(file);
        JsonParser parser = MAPPER.createParser(in)) {
      TokenizerSpec spec = read(parser);
      // To the end of the file, so that a gzip's checksum is looked at.
      if (parser.nextToken() != null) {
        throw new InvalidTokenizerException("something stands after the end of the object");
      }
      Optional<Path> config = config(file);
      return new HfTokenizer(config.isPresent() ? withConfig(spec, config.get()) : guessed(spec));
    } catch (InvalidTokenizerException e) {
      throw new InvalidTokenizerException(file + ": " + e.getMessage(), e);
    } catch (JacksonIOException e) {
      throw unreadable(file, e.getCause());
    } catch (JacksonException e) {
      throw new InvalidTokenizerException(
          file + ": not well-formed JSON: " + e.getOriginalMessage() + place(e), e);
    } catch (ZipException | EOFException e) {
      throw unreadable(file, e);
    } catch (IllegalArgumentException e) {
      throw new InvalidTokenizerException(file + ": " + e.getMessage(), e);
    }
  }

  private static IOException unreadable(Path file, IOException e) {
    if (e instanceof ZipException || e instanceof EOFException) {
      throw new InvalidTokenizerException(file + ": damaged gzip: " + e.getMessage(), e);
    }
    return e;
  }

  /** Writes {@code tokenizer.json} and {@code tokenizer_config.json} into {@code folder}. */
  public static void write(TokenizerSpec spec, Path folder) throws IOException {
    TokenizerWriter.write(spec, folder);
  }

  private static String place(JacksonException e) {
    var at = e.getLocation();
    return at == null || at.getLineNr() < 0
        ? ""
        : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    in.mark(2);
    boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
    in.reset();
    try {
      return gzip ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static TokenizerSpec read(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new InvalidTokenizerException("tokenizer.json: an object is expected");
    }
    List<AddedToken> added = new ArrayList<>();
    Optional<TextNormalizer> normalizer = Optional.empty();
    Optional<PreTokenizer> preTokenizer = Optional.empty();
    Optional<ModelSpec> model = Optional.empty();
    Optional<JsonNode> postProcessor = Optional.empty();
    Optional<JsonNode> decoder = Optional.empty();
    Optional<JsonNode> truncation = Optional.empty();
    Optional<JsonNode> padding = Optional.empty();
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      boolean absent = parser.nextToken() == JsonToken.VALUE_NULL;
      if (key.equals("model")) {
        model = Optional.of(ModelReader.read(parser));
        continue;
      }
      JsonNode node = parser.readValueAsTree();
      switch (key) {
        case "version" -> {
          if (!node.isString() || !node.stringValue().equals("1.0")) {
            throw new InvalidTokenizerException(
                "version: " + node + " is not supported; supported is \"1.0\"");
          }
        }
        case "added_tokens" -> {
          for (int i = 0; i < node.size(); i++) {
            added.add(
                PipelineReader.addedToken(Json.object(node.get(i), "added_tokens[" + i + "]")));
          }
        }
        case "normalizer" ->
            normalizer = absent ? normalizer : Optional.of(normalizer(Json.object(node, key)));
        case "pre_tokenizer" ->
            preTokenizer =
                absent
                    ? preTokenizer
                    : Optional.of(PipelineReader.preTokenizer(Json.object(node, key)));
        case "post_processor" ->
            postProcessor = absent ? postProcessor : Optional.of(Json.object(node, key).node());
        case "decoder" -> decoder = absent ? decoder : Optional.of(Json.object(node, key).node());
        case "truncation" -> truncation = absent ? truncation : Optional.of(node);
        case "padding" -> padding = absent ? padding : Optional.of(node);
        default ->
            throw new InvalidTokenizerException(
                "the key \"" + key + "\" is not known in a tokenizer.json");
      }
    }
    model.ifPresent(m -> renumber(added, m));
    return new TokenizerSpec(
        added,
        normalizer,
        preTokenizer,
        model.orElseThrow(
            () -> new InvalidTokenizerException("the key \"model\" is missing: no tokenizer.json")),
        postProcessor,
        decoder,
        truncation,
        padding,
        Optional.empty(),
        Optional.empty());
  }

  // As in the original, an added token whose id the vocabulary has given to another name gets a new
  // one after all others.
  private static void renumber(List<AddedToken> added, ModelSpec model) {
    int next = model.vocabulary().tokens();
    for (int i = 0; i < added.size(); i++) {
      AddedToken token = added.get(i);
      boolean listed = model.vocabulary().id(token.content()).isPresent();
      if (!listed && model.vocabulary().has(token.id())) {
        token = token.withId(next);
        added.set(i, token);
      }
      next = Math.max(next, token.id() + 1);
    }
  }

  private static TextNormalizer normalizer(Json json) {
    return PipelineReader.normalizer(json);
  }

  private static Optional<Path> config(Path file) {
    for (String name : List.of("tokenizer_config.json", "tokenizer_config.json.gz")) {
      Path config = file.resolveSibling(name);
      if (Files.isRegularFile(config)) {
        return Optional.of(config);
      }
    }
    return Optional.empty();
  }

  private static TokenizerSpec withConfig(TokenizerSpec spec, Path file) throws IOException {
    try (InputStream in = open(file)) {
      Json json = Json.object(MAPPER.readTree(in), file.getFileName().toString());
      return SpecialTokens.configured(
          spec.withEnds(tokenName(json, "bos_token"), tokenName(json, "eos_token")), json);
    } catch (JacksonException e) {
      throw new InvalidTokenizerException(
          file.getFileName() + ": not well-formed JSON: " + e.getOriginalMessage() + place(e), e);
    }
  }

  // A string, or an object with the content and flags.
  private static Optional<String> tokenName(Json json, String key) {
    Optional<JsonNode> node = json.optional(key);
    if (node.isPresent() && node.get().isObject()) {
      return Optional.of(json.child(key).text("content"));
    }
    return json.optionalText(key);
  }

  private static TokenizerSpec guessed(TokenizerSpec spec) {
    return spec.withEnds(usual(spec, BOS_NAMES), usual(spec, EOS_NAMES));
  }

  private static Optional<String> usual(TokenizerSpec spec, List<String> names) {
    for (String name : names) {
      for (AddedToken token : spec.addedTokens()) {
        if (token.special() && token.content().equals(name)) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }
}
