package dev.gamelan.eval.task;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What functions of task files do, in Java. They are found by the name a task file gives them. */
public sealed interface Hooks {
  /** {@code process_docs}: documents as a task wants them. */
  non-sealed interface Documents extends Hooks {
    List<ObjectNode> apply(List<ObjectNode> documents);
  }

  /** {@code doc_to_text}, {@code doc_to_target}, {@code doc_to_choice}. */
  non-sealed interface Document extends Hooks {
    JsonNode apply(ObjectNode document);
  }

  /** {@code fewshot_config.samples}. */
  non-sealed interface Samples extends Hooks {
    List<ObjectNode> apply();
  }

  /** {@code process_results}: metrics of a document. */
  non-sealed interface Results extends Hooks {
    Map<String, Measure> apply(ObjectNode document, List<JsonNode> filtered);

    /**
     * Told of every document before {@link #apply} is asked about any, for work that is better done
     * together.
     */
    default void prepare(ObjectNode document, List<JsonNode> filtered) {}
  }

  /** A {@code custom} filter: the answers to one document. */
  non-sealed interface Filter extends Hooks {
    List<JsonNode> apply(List<JsonNode> answers, ObjectNode document);
  }

  /** A metric of generated answers: its values by name. */
  non-sealed interface Metric extends Hooks {
    Map<String, Measure> apply(JsonNode reference, JsonNode prediction, ObjectNode options);

    /** As {@link Results#prepare}. */
    default void prepare(JsonNode reference, JsonNode prediction, ObjectNode options) {}
  }

  /** An aggregation of measures. */
  non-sealed interface Aggregation extends Hooks {
    double apply(List<Measure> measures);
  }

  /** Finds functions by name. */
  interface Library {
    /** Several as one; of those that know a name the first counts. */
    static Library of(List<Library> libraries) {
      return name -> libraries.stream().flatMap(l -> l.find(name).stream()).findFirst();
    }

    /** The hook of a name, where it is built in. */
    Optional<Hooks> find(FunctionName name);

    /**
     * The hook of a name and kind.
     *
     * @throws TaskException there is none
     */
    default <T extends Hooks> T require(FunctionName name, Class<T> kind) {
      Hooks hook =
          find(name)
              .orElseThrow(
                  () ->
                      new TaskException(
                          "!function %s isn't built in; Python isn't run. See docs/evaluation.md for the functions that are"
                              .formatted(name)));
      if (!kind.isInstance(hook)) {
        throw new TaskException("!function " + name + " is used in the wrong place of its task");
      }
      return kind.cast(hook);
    }
  }
}
