package dev.gamelan.eval.lm;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/** A model that answers requests: one that runs here, or one behind an interface. */
public interface LanguageModel {
  /** Takes answers as they come; {@code index} is that of the request. */
  interface Sink {
    void answered(int index, Answer answer);
  }

  /** Its name in results. */
  String name();

  /**
   * What its answers depend on: weights, tokenizer, arithmetic. Answers are kept under it, so two
   * models never share one.
   */
  String fingerprint();

  /**
   * Answers requests, in an order of its own, each as soon as it is known.
   *
   * @throws IllegalArgumentException it can't answer this kind of request
   */
  void answer(List<? extends Request> requests, Sink sink);

  /**
   * Writes a conversation as the model was trained to read it; empty if it has no chat template.
   *
   * @param messages objects with {@code role} and {@code content}
   * @param answerFollows whether the model's turn is opened; else its last message stays open
   */
  Optional<String> chat(ArrayNode messages, boolean answerFollows);
}
