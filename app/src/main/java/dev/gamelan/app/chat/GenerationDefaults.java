package dev.gamelan.app.chat;

import dev.gamelan.model.Model;
import dev.gamelan.model.checkpoint.Gguf;
import dev.gamelan.model.checkpoint.GgufModel;
import dev.gamelan.model.checkpoint.GgufValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a model's makers would have it answer: {@code generation_config.json}, read as Transformers
 * does; greedy without one.
 *
 * @param ends the tokens that end an answer, of all that the model's files, its tokenizer and its
 *     template name
 */
public record GenerationDefaults(
    double temperature, int topK, double topP, double repetitionPenalty, Set<Integer> ends) {

  /** Keeps a copy. */
  public GenerationDefaults {
    ends = Set.copyOf(ends);
  }

  /** Those of a model in a folder or file. */
  public static GenerationDefaults of(Path path, Model model, ChatFormat format) {
    JsonNode config = JsonMapper.shared().createObjectNode();
    Path file = path.resolve("generation_config.json");
    if (Files.isRegularFile(file)) {
      try {
        config = JsonMapper.shared().readTree(file.toFile());
      } catch (JacksonException e) {
        throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
      }
    }
    Set<Integer> ends = new TreeSet<>();
    add(ends, config.path("eos_token_id"));
    model.family().eos().ifPresent(ends::add);
    model.tokenizer().eos().ifPresent(ends::add);
    format.endOfTurn(model.tokenizer()).ifPresent(ends::add);
    if (GgufModel.is(path)) {
      var keys = Gguf.open(path).metadata();
      for (String key : List.of("eos", "eot", "eom")) {
        if (keys.get("tokenizer.ggml." + key + "_token_id") instanceof GgufValue.Whole id) {
          ends.add(Math.toIntExact(id.value()));
        }
      }
    }
    ends.removeIf(id -> id < 0 || id >= model.tokenizer().vocabularySize());
    boolean draws = config.path("do_sample").asBoolean(false);
    return new GenerationDefaults(
        draws ? config.path("temperature").asDouble(1) : 0,
        draws ? config.path("top_k").asInt(50) : 0,
        draws ? config.path("top_p").asDouble(1) : 1,
        config.path("repetition_penalty").asDouble(1),
        ends);
  }

  private static void add(Set<Integer> ends, JsonNode ids) {
    if (ids.isIntegralNumber()) {
      ends.add(ids.asInt());
    }
    for (JsonNode id : ids) {
      if (id.isIntegralNumber()) {
        ends.add(id.asInt());
      }
    }
  }
}
