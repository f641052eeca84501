package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.Vocabulary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * GPT-2's own two files: names and ids ({@code vocab.json}, {@code encoder.json}), and merges line
 * by line ({@code merges.txt}, {@code vocab.bpe}).
 */
public final class MergesFiles {
  private MergesFiles() {}

  /**
   * The byte-level tokenizer of the contents of both, with GPT-2's pattern.
   *
   * @throws InvalidTokenizerException if they are damaged or don't belong together
   */
  public static HfTokenizer read(String vocabulary, String merges) {
    Map<String, Integer> ids = new HashMap<>(1 << 16);
    JsonNode given;
    try {
      given = TokenizerFiles.MAPPER.readTree(vocabulary);
    } catch (JacksonException e) {
      throw new InvalidTokenizerException(
          "vocabulary: not well-formed JSON: " + e.getOriginalMessage(), e);
    }
    for (String name : given.propertyNames()) {
      JsonNode id = given.get(name);
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw new InvalidTokenizerException(
            "vocabulary: \"" + name + "\" has the id " + id + ", which is no integer of 32 bits");
      }
      ids.put(name, id.intValue());
    }
    IntList left = new IntList(ids.size());
    IntList right = new IntList(ids.size());
    int number = 0;
    for (String line : merges.split("\n")) {
      number++;
      String merge = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (merge.isEmpty() || number == 1 && merge.startsWith("#version")) {
        continue;
      }
      String[] parts = merge.split(" ");
      Integer a = parts.length == 2 ? ids.get(parts[0]) : null;
      Integer b = parts.length == 2 ? ids.get(parts[1]) : null;
      if (a == null || b == null) {
        throw new InvalidTokenizerException(
            "merges, line %d: \"%s\" is not two tokens of the vocabulary with a space between"
                .formatted(number, merge));
      }
      left.add(a);
      right.add(b);
    }
    JsonNode bytes =
        TokenizerFiles.MAPPER
            .createObjectNode()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", true);
    Integer end = ids.get("<|endoftext|>");
    return new HfTokenizer(
        new TokenizerSpec(
            end == null ? List.of() : List.of(AddedToken.special(end, "<|endoftext|>")),
            Optional.empty(),
            Optional.of(new PreTokenizer.ByteLevel(false, true, true)),
            new ModelSpec.Bpe(
                BpeSpec.byteLevel(Vocabulary.of(ids), left.toArray(), right.toArray())),
            Optional.of(bytes),
            Optional.of(bytes),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            end == null ? Optional.empty() : Optional.of("<|endoftext|>")));
  }
}
