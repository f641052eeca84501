package dev.gamelan.text.hf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code tokenizer_config.json} says about tokens around a text. */
final class SpecialTokens {
  private SpecialTokens() {}

  /**
   * The classes of LLaMA and Gemma replace the post-processor by what {@code add_bos_token} and
   * {@code add_eos_token} say; others leave it alone.
   */
  static TokenizerSpec configured(TokenizerSpec spec, Json config) {
    String name = config.optionalText("tokenizer_class").orElse("");
    boolean replaces = name.matches("(Code)?Llama.*|Gemma.*");
    Optional<Boolean> bos = flag(config, "add_bos_token");
    Optional<Boolean> eos = flag(config, "add_eos_token");
    if (!replaces || bos.isEmpty() && eos.isEmpty()) {
      return spec;
    }
    List<String> parts = new ArrayList<>();
    ObjectNode ids = TokenizerFiles.MAPPER.createObjectNode();
    if (bos.orElse(true)) {
      spec.bos().ifPresent(token -> add(token, spec, parts, ids));
    }
    parts.add("");
    if (eos.orElse(false)) {
      spec.eos().ifPresent(token -> add(token, spec, parts, ids));
    }
    return spec.withPostProcessor(template(parts, ids));
  }

  private static Optional<Boolean> flag(Json config, String key) {
    return config.optional(key).map(_ -> config.flag(key, false));
  }

  private static void add(String token, TokenizerSpec spec, List<String> parts, ObjectNode ids) {
    int id = spec.model().vocabulary().id(token).orElse(-1);
    for (AddedToken added : spec.addedTokens()) {
      id = added.content().equals(token) ? added.id() : id;
    }
    if (id < 0) {
      return; // the tokenizer itself says that it has no such token
    }
    parts.add(token);
    ObjectNode entry = ids.putObject(token);
    entry.put("id", token);
    entry.putArray("ids").add(id);
    entry.putArray("tokens").add(token);
  }

  /** A template of tokens around a text, which stands for itself as the empty name. */
  private static ObjectNode template(List<String> parts, ObjectNode ids) {
    ObjectNode node = TokenizerFiles.MAPPER.createObjectNode();
    node.put("type", "TemplateProcessing");
    ArrayNode single = node.putArray("single");
    ArrayNode pair = node.putArray("pair");
    for (String sequence : List.of("A", "B")) {
      int type = sequence.equals("A") ? 0 : 1;
      for (String part : parts) {
        ObjectNode piece = TokenizerFiles.MAPPER.createObjectNode();
        piece
            .putObject(part.isEmpty() ? "Sequence" : "SpecialToken")
            .put("id", part.isEmpty() ? sequence : part)
            .put("type_id", type);
        if (type == 0) {
          single.add(piece);
        }
        pair.add(piece.deepCopy());
      }
    }
    node.set("special_tokens", ids);
    return node;
  }

  /** A post-processor that puts these tokens around a text. */
  static ObjectNode around(TokenizerSpec spec, Optional<String> before, Optional<String> after) {
    List<String> parts = new ArrayList<>();
    ObjectNode ids = TokenizerFiles.MAPPER.createObjectNode();
    before.ifPresent(token -> add(token, spec, parts, ids));
    parts.add("");
    after.ifPresent(token -> add(token, spec, parts, ids));
    return template(parts, ids);
  }
}
