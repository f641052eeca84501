package dev.gamelan.text.tiktoken;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.hf.HfTokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ranked tokens in files: {@code .tiktoken}, the JSON of tiktoken's npm package, and Tekken. */
public final class TiktokenFiles {
  private static final JsonMapper MAPPER = new JsonMapper();

  private TiktokenFiles() {}

  /**
   * The tokenizer of a {@code .tiktoken} file. It has neither pattern nor special tokens: the
   * published vocabularies are told by their number of tokens.
   *
   * @throws InvalidTokenizerException if the file is damaged or the vocabulary isn't known
   */
  public static HfTokenizer ranks(String text) {
    Map<Integer, byte[]> ranks = RankReader.lines(text);
    Published known = Published.of(ranks);
    return Ranks.tokenizer(
        ranks,
        known.offset(),
        known.pattern(),
        known.specials(),
        known.bos(),
        known.eos(),
        known.addsBos());
  }

  /**
   * The tokenizer of a JSON file: {@code pat_str}, {@code special_tokens} and {@code bpe_ranks} of
   * the npm package, or Mistral's Tekken, {@code config} and {@code vocab} (or {@code bpe_ranks}).
   *
   * @throws InvalidTokenizerException if it is damaged
   */
  public static HfTokenizer json(String text) {
    JsonNode file;
    try {
      file = MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new InvalidTokenizerException("not well-formed JSON: " + e.getOriginalMessage(), e);
    }
    return file.has("config") ? tekken(file) : npm(file);
  }

  private static HfTokenizer npm(JsonNode file) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    JsonNode given = file.path("special_tokens");
    for (String name : given.propertyNames()) {
      specials.put(name, integer(given, name));
    }
    return Ranks.tokenizer(
        RankReader.compact(text(file, "bpe_ranks")),
        0,
        text(file, "pat_str"),
        specials,
        Optional.empty(),
        specials.containsKey("<|endoftext|>") ? Optional.of("<|endoftext|>") : Optional.empty(),
        false);
  }

  private static HfTokenizer tekken(JsonNode file) {
    JsonNode config = file.get("config");
    int reserved = integer(config, "default_num_special_tokens");
    int size = integer(config, "default_vocab_size");
    if (reserved < 0 || size <= reserved || size > 1 << 21) {
      throw new InvalidTokenizerException(
          "config: default_vocab_size %d must be above default_num_special_tokens %d, and at most"
                  .formatted(size, reserved)
              + " 2097152");
    }
    Map<Integer, byte[]> all = new TreeMap<>();
    if (file.has("vocab")) {
      for (JsonNode each : file.get("vocab")) {
        RankReader.put(all, integer(each, "rank"), text(each, "token_bytes"), "vocab");
      }
    } else {
      all.putAll(RankReader.compact(text(file, "bpe_ranks")));
    }
    Map<Integer, byte[]> ranks = new TreeMap<>();
    all.forEach(
        (rank, token) -> {
          if (rank >= 0 && rank < size - reserved) {
            ranks.put(rank, token);
          }
        });
    return Ranks.tokenizer(
        ranks,
        reserved,
        text(config, "pattern"),
        tekkenSpecials(file, reserved),
        Optional.of("<s>"),
        Optional.of("</s>"),
        true);
  }

  // Newer files list them; the first ones are known.
  private static Map<String, Integer> tekkenSpecials(JsonNode file, int reserved) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    boolean[] named = new boolean[reserved];
    JsonNode given = file.path("special_tokens");
    for (JsonNode each : given) {
      int id = integer(each, "rank");
      if (id < 0 || id >= reserved) {
        throw new InvalidTokenizerException(
            "special_tokens: the rank %d; there are %d".formatted(id, reserved));
      }
      specials.put(text(each, "token_str"), id);
      named[id] = true;
    }
    for (int id = 0; id < reserved; id++) {
      if (!named[id]) {
        specials.putIfAbsent(
            specials.isEmpty() || given.isMissingNode()
                ? Published.tekkenSpecial(id)
                : "<SPECIAL_" + id + ">",
            id);
      }
    }
    return specials;
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isString()) {
      throw new InvalidTokenizerException(key + ": a string is expected, not " + shown(value));
    }
    return value.stringValue();
  }

  private static int integer(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new InvalidTokenizerException(
          key + ": an integer of 32 bits is expected, not " + shown(value));
    }
    return value.intValue();
  }

  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
