package dev.gamelan.app.command;

import dev.gamelan.model.ParameterSpec;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the parameters of a decoder are for. */
enum ModelParts {
  EMBEDDING,
  ATTENTION,
  MLP,
  EXPERTS,
  NORMS,
  HEAD,
  /** The tower that reads images and its projector. */
  VISION;

  /** How many parameters each part has; parts that a model lacks are left out. */
  static Map<ModelParts, Long> count(List<ParameterSpec> parameters) {
    Map<ModelParts, Long> counts = new EnumMap<>(ModelParts.class);
    parameters.forEach(p -> counts.merge(of(p), p.shape().elements(), Long::sum));
    return counts;
  }

  /** A part's name for people and for JSON. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static ModelParts of(ParameterSpec parameter) {
    String name = parameter.name();
    if (name.startsWith("vision.") || name.startsWith("projector.")) {
      return VISION;
    }
    return switch (parameter.role()) {
      case EMBEDDING -> EMBEDDING;
      case HEAD -> HEAD;
      case NORM -> NORMS;
      case INPUT, OUTPUT, LOW_RANK_IN, LOW_RANK_OUT, BIAS -> {
        if (name.contains("norm.")) {
          yield NORMS;
        }
        if (name.contains(".experts.") || name.contains(".router.") || name.contains(".shared.")) {
          yield EXPERTS;
        }
        if (name.startsWith("embedding.")) {
          yield EMBEDDING;
        }
        yield name.contains(".attention.") ? ATTENTION : MLP;
      }
    };
  }
}
