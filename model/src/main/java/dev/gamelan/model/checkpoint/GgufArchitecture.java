package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;

/**
 * What GGUF calls an architecture: its keys as a Hugging Face configuration and back, the names of
 * its tensors, and how it keeps them. Source: llama.cpp, {@code conversion/*.py} and {@code
 * src/models/*.cpp}.
 */
interface GgufArchitecture {
  /** The value of {@code general.architecture}. */
  String name();

  /** The {@code model_type}s of the configurations that become it. */
  List<String> modelTypes();

  /**
   * The configuration that a file's keys describe.
   *
   * @throws IllegalArgumentException naming a key that is missing or not understood
   */
  ObjectNode config(Gguf file);

  /**
   * The keys that describe a configuration.
   *
   * @throws IllegalArgumentException if it asks for what the architecture has no key for
   */
  Map<String, GgufValue> metadata(ObjectNode config);

  /** Our stems of names to the file's, {@code {}} for the layer. */
  Map<String, String> stems(DecoderSpec spec);

  /** The spec as files of this architecture keep it. */
  DecoderSpec kept(DecoderSpec published);

  /**
   * Where a parameter lies.
   *
   * @param tensor the file's tensor
   * @param expert which of the matrices in it, where it holds those of all experts
   */
  record Place(String tensor, OptionalInt expert) {}

  /** Where our parameter lies in the file. */
  default Place place(DecoderSpec spec, String ours) {
    String suffix = ours.substring(ours.lastIndexOf('.'));
    String stem = ours.substring(0, ours.length() - suffix.length());
    String layer = "";
    OptionalInt expert = OptionalInt.empty();
    if (stem.startsWith("layers.")) {
      int end = stem.indexOf('.', 7);
      layer = stem.substring(7, end);
      stem = "layers.{}" + stem.substring(end);
    }
    int experts = stem.indexOf(".experts.");
    if (experts >= 0) {
      int begin = experts + ".experts.".length();
      int end = stem.indexOf('.', begin);
      expert = OptionalInt.of(Integer.parseInt(stem.substring(begin, end)));
      stem = stem.substring(0, begin) + "{}" + stem.substring(end);
    }
    String template = stems(spec).get(stem);
    if (template == null) {
      throw new IllegalArgumentException(
          "gguf: the architecture %s has no name for %s".formatted(name(), ours));
    }
    return new Place(template.replace("{}", layer) + suffix, expert);
  }
}
