package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TokenizerSpec;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Byte-level BPE in GGUF: names, merges, and the name of a pre-tokenizer that llama.cpp knows. */
final class ByteLevelGguf {
  private ByteLevelGguf() {}

  static Tokenizer tokenizer(GgufVocabulary file, List<String> names, List<Long> types) {
    Map<String, Integer> ids = new HashMap<>(2 * names.size());
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < names.size(); id++) {
      long type = types.isEmpty() ? 1 : types.get(id);
      if (ids.putIfAbsent(names.get(id), id) != null) {
        throw new InvalidTokenizerException(
            "GGUF: tokens %d and %d are both named \"%s\""
                .formatted(ids.get(names.get(id)), id, names.get(id)));
      }
      // Control tokens, and user-defined ones, which texts always are cut at.
      if (type == 3 || type == 4) {
        added.add(new AddedToken(id, names.get(id), false, false, false, false, type == 3));
      }
    }
    IntList left = new IntList(names.size());
    IntList right = new IntList(names.size());
    for (String merge : file.list("merges", String.class)) {
      int space = merge.indexOf(' ', 1);
      Integer a = space < 0 ? null : ids.get(merge.substring(0, space));
      Integer b = space < 0 ? null : ids.get(merge.substring(space + 1));
      if (a == null || b == null) {
        throw new InvalidTokenizerException(
            "GGUF: tokenizer.ggml.merges: \""
                + merge
                + "\" is not two tokens with a space between");
      }
      left.add(a);
      right.add(b);
    }
    Splitting splitting =
        Splitting.of(file.text("pre").orElse("default"), file.flag("add_space_prefix", false));
    JsonNode bytes =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", false);
    TokenizerSpec spec =
        new TokenizerSpec(
            added,
            splitting.nfc()
                ? Optional.of(new TextNormalizer.Unicode(Normalizer.Form.NFC))
                : Optional.empty(),
            Optional.of(new PreTokenizer.Sequence(splitting.parts())),
            new ModelSpec.Bpe(
                BpeSpec.ordered(
                    Vocabulary.of(ids),
                    left.toArray(),
                    right.toArray(),
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    splitting.wholeWords())),
            Optional.of(bytes),
            Optional.of(bytes),
            Optional.empty(),
            Optional.empty(),
            GgufTokenizers.name(file, "bos_token_id", names),
            GgufTokenizers.name(file, "eos_token_id", names));
    // As in llama.cpp, of this kind only Llama 3 and its like add BOS unless the file says so.
    boolean bos = file.flag("add_bos_token", splitting.wholeWords());
    return new HfTokenizer(spec.withAround(bos, file.flag("add_eos_token", false)));
  }
}
