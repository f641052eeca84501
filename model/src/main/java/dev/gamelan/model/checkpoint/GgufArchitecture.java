package dev.gamelan.model.checkpoint;

import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What GGUF calls an architecture: its keys as a Hugging Face configuration and back, the names of
 * its tensors, and the order of rows where converters change it.
 */
interface GgufArchitecture {
  /** The value of {@code general.architecture}. */
  String name();

  /** The {@code model_type} of the configuration. */
  String modelType();

  /** The configuration that a file's keys describe. */
  ObjectNode config(Gguf file);

  /** The keys that describe a configuration. */
  Map<String, GgufValue> metadata(ObjectNode config);

  /** Our stems of names to the file's, {@code {}} for the layer. */
  Map<String, String> stems();

  /** The row of the file's tensor that is row {@code row} of ours. */
  long fileRow(String ours, ObjectNode config, long row);

  /** Whether {@link #fileRow} moves anything in this parameter. */
  boolean reorders(String ours);

  /** The file's name of our parameter. */
  default String published(String ours) {
    String suffix = ours.substring(ours.lastIndexOf('.'));
    String stem = ours.substring(0, ours.length() - suffix.length());
    String layer = "";
    if (stem.startsWith("layers.")) {
      int end = stem.indexOf('.', 7);
      layer = stem.substring(7, end);
      stem = "layers.{}" + stem.substring(end);
    }
    String template = stems().get(stem);
    if (template == null) {
      throw new IllegalArgumentException(
          "gguf: the architecture %s has no name for %s".formatted(name(), ours));
    }
    return template.replace("{}", layer) + suffix;
  }
}
