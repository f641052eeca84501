package dev.gamelan.eval.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a task's {@code generation_kwargs} ask for.
 *
 * @param until the answer ends before the first of these; none is empty
 * @param temperature 0 = the likeliest token always
 */
public record GenerationArguments(
    List<String> until, int maxTokens, double temperature, double topP, int topK) {
  private static final int DEFAULT_TOKENS = 256;
  private static final List<String> LIMITS =
      List.of("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens");
  private static final Set<String> OTHERS =
      Set.of("until", "do_sample", "temperature", "top_p", "top_k");

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException an argument isn't known or has no sense
   */
  public static GenerationArguments of(ObjectNode args) {
    for (String key : args.propertyNames()) {
      if (!OTHERS.contains(key) && !LIMITS.contains(key)) {
        throw new IllegalArgumentException(
            "generation_kwargs: '%s' isn't known; known are %s and %s"
                .formatted(key, OTHERS.stream().sorted().toList(), LIMITS));
      }
    }
    List<String> until = new ArrayList<>();
    JsonNode stops = args.path("until");
    for (JsonNode stop : stops.isArray() ? stops : List.of(stops)) {
      if (!stop.isMissingNode() && !stop.isNull() && !stop.asString().isEmpty()) {
        until.add(stop.asString());
      }
    }
    int max = DEFAULT_TOKENS;
    for (String key : LIMITS) {
      if (args.path(key).isIntegralNumber()) {
        max = args.get(key).intValue();
        break;
      }
    }
    if (max < 1) {
      throw new IllegalArgumentException(
          "generation_kwargs: %d tokens at most; at least 1 is needed".formatted(max));
    }
    double temperature =
        args.path("temperature").asDouble(args.path("do_sample").asBoolean(false) ? 1 : 0);
    boolean sampled = args.path("do_sample").asBoolean(temperature > 0);
    return new GenerationArguments(
        List.copyOf(until),
        max,
        sampled ? temperature : 0,
        args.path("top_p").asDouble(1),
        args.path("top_k").asInt(0));
  }
}
