package dev.gamelan.eval.task;

import tools.jackson.databind.JsonNode;

/** How a task gets something out of a document: what {@code doc_to_text} and its kin may be. */
public sealed interface Field {
  /** The same for every document: a number, a list, a dictionary of choices. */
  record Constant(JsonNode value) implements Field {}

  /** The name of a field of the documents, or else a Jinja template. */
  record Expression(String text) implements Field {}

  /** A function, built in here under its name. */
  record Function(FunctionName name) implements Field {}
}
