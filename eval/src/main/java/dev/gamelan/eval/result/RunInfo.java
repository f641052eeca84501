package dev.gamelan.eval.result;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What results say of a run besides figures.
 *
 * @param model its name
 * @param source where it comes from, e.g. {@code gamelan} for one that runs here
 * @param arguments what else the evaluation was told, by the option's name
 * @param version of Gamelan
 */
public record RunInfo(
    String model,
    String source,
    Map<String, String> arguments,
    String systemInstruction,
    boolean chatTemplate,
    boolean multiturn,
    String version,
    Instant began,
    Duration took) {
  public RunInfo {
    arguments = Map.copyOf(arguments);
  }

  /** The name as a folder's. */
  public String folder() {
    return model.replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__");
  }
}
