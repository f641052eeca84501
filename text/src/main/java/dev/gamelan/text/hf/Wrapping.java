package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.IntList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What is put around the ids of one text: {@code post_processor} of tokenizer.json.
 *
 * @param before ids before the text's
 * @param after ids after them
 */
record Wrapping(int[] before, int[] after) {
  private static final List<String> SUPPORTED =
      List.of("ByteLevel", "TemplateProcessing", "RobertaProcessing", "BertProcessing", "Sequence");

  /** Of a post-processor; without one, nothing is added. */
  static Wrapping of(Optional<JsonNode> postProcessor) {
    return postProcessor
        .map(node -> of(Json.object(node, "post_processor")))
        .orElse(new Wrapping(new int[0], new int[0]));
  }

  private static Wrapping of(Json json) {
    String type = json.text("type");
    Wrapping wrapping =
        switch (type) {
          case "ByteLevel" -> {
            // These are about offsets.
            List.of("add_prefix_space", "trim_offsets", "use_regex").forEach(json::obsolete);
            yield new Wrapping(new int[0], new int[0]);
          }
          case "RobertaProcessing", "BertProcessing" -> {
            List.of("add_prefix_space", "trim_offsets").forEach(json::obsolete);
            yield new Wrapping(new int[] {json.namedId("cls")}, new int[] {json.namedId("sep")});
          }
          case "TemplateProcessing" -> template(json);
          case "Sequence" -> {
            Wrapping all = new Wrapping(new int[0], new int[0]);
            for (Json each : json.children("processors")) {
              Wrapping outer = of(each);
              all = new Wrapping(joined(outer.before, all.before), joined(all.after, outer.after));
            }
            yield all;
          }
          default -> throw json.unsupported(type, SUPPORTED);
        };
    json.done();
    return wrapping;
  }

  private static Wrapping template(Json json) {
    json.obsolete("pair");
    Json specials = json.child("special_tokens");
    IntList before = new IntList(2);
    IntList after = new IntList(2);
    boolean seen = false;
    for (Json part : json.children("single")) {
      if (part.optional("Sequence").isPresent()) {
        String id = part.child("Sequence").text("id");
        if (!id.equals("A") || seen) {
          throw new InvalidTokenizerException(
              part.path() + ": a template of a single text has the sequence A once, not " + id);
        }
        seen = true;
      } else {
        Json token = specials.child(part.child("SpecialToken").text("id"));
        for (int id : token.integers("ids")) {
          (seen ? after : before).add(id);
        }
      }
    }
    if (!seen) {
      throw new InvalidTokenizerException(json.path() + ".single: the sequence A is missing");
    }
    return new Wrapping(before.toArray(), after.toArray());
  }

  private static int[] joined(int[] a, int[] b) {
    int[] out = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }

  /** The ids with what is put around them. */
  int[] around(int[] ids) {
    return joined(joined(before, ids), after);
  }
}
