package dev.gamelan.eval.lm;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Something to ask a language model. Equal requests have equal answers, but for samples. */
public sealed interface Request {
  /** How likely is {@code continuation} after {@code context}? */
  record Loglikelihood(String context, String continuation) implements Request {}

  /** How likely is a whole text, however long? */
  record Rolling(String text) implements Request {}

  /**
   * What comes after {@code context}?
   *
   * @param args {@code until}, {@code max_gen_toks}, {@code do_sample}, {@code temperature}…
   * @param repeat which of several samples, from 0
   */
  record Generate(String context, ObjectNode args, int repeat) implements Request {}

  /** The kind, as the reference calls the method that answers it. */
  default String kind() {
    return switch (this) {
      case Loglikelihood _ -> "loglikelihood";
      case Rolling _ -> "loglikelihood_rolling";
      case Generate _ -> "generate_until";
    };
  }

  /** What is asked about: the context, or the whole text. */
  default String prompt() {
    return switch (this) {
      case Loglikelihood l -> l.context();
      case Rolling r -> r.text();
      case Generate g -> g.context();
    };
  }

  /** The arguments as results list them. */
  default JsonNode arguments() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    switch (this) {
      case Loglikelihood l -> list.add(l.context()).add(l.continuation());
      case Rolling r -> list.add(r.text());
      case Generate g -> list.add(g.context()).add(g.args());
    }
    return list;
  }
}
