package dev.gamelan.text.gguf;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TokenizerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * WordPiece in GGUF: tokens that begin a word are written with U+2581 before them, and those that
 * go on one without BERT's {@code ##}.
 */
final class BertGguf {
  private static final String MARK = "\u2581";

  private BertGguf() {}

  static Tokenizer tokenizer(GgufVocabulary file, List<String> names, List<Long> types) {
    Map<String, Integer> ids = new HashMap<>(2 * names.size());
    List<AddedToken> added = new ArrayList<>();
    List<String> read = new ArrayList<>();
    boolean cased = false;
    for (int id = 0; id < names.size(); id++) {
      String name = names.get(id);
      boolean special =
          !types.isEmpty() && (types.get(id) == 3 || types.get(id) == 2)
              || name.startsWith("[") && name.endsWith("]") && name.length() > 2;
      if (special) {
        added.add(AddedToken.special(id, name));
      } else {
        cased |= name.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
        name = name.startsWith(MARK) ? name.substring(1) : "##" + name;
      }
      ids.putIfAbsent(name, id);
      read.add(name);
    }
    JsonNode decoder =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "WordPiece")
            .put("prefix", "##")
            .put("cleanup", true);
    Optional<String> unk = GgufTokenizers.name(file, "unknown_token_id", read);
    TokenizerSpec spec =
        new TokenizerSpec(
            added,
            Optional.of(TextNormalizer.bert(!cased)),
            Optional.of(new PreTokenizer.Bert()),
            new ModelSpec.WordPiece(Vocabulary.of(ids), unk.orElse("[UNK]"), "##", 100),
            Optional.empty(),
            Optional.of(decoder),
            Optional.empty(),
            Optional.empty(),
            GgufTokenizers.name(
                    file, ids.containsKey("[CLS]") ? "cls_token_id" : "bos_token_id", read)
                .or(() -> ids.containsKey("[CLS]") ? Optional.of("[CLS]") : Optional.empty()),
            ids.containsKey("[SEP]") ? Optional.of("[SEP]") : Optional.empty());
    return new HfTokenizer(
        spec.withAround(file.flag("add_bos_token", true), file.flag("add_eos_token", true)));
  }
}
