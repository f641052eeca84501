package dev.gamelan.eval.api;

import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/**
 * A model of which only recorded answers are there: it stands for another and answers nothing new,
 * so that a run can be scored again without asking anybody.
 */
public record RecordedModel(LanguageModel of) implements LanguageModel {
  @Override
  public String name() {
    return of.name();
  }

  @Override
  public String fingerprint() {
    return of.fingerprint();
  }

  @Override
  public void answer(List<? extends Request> requests, Sink sink) {
    if (!requests.isEmpty()) {
      throw new IllegalArgumentException(
          "--offline: %d requests have no recorded answer of %s; leave --offline out to ask them, or name the folder or file that has them (--output, --use-cache)"
              .formatted(requests.size(), name()));
    }
  }

  @Override
  public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
    return of.chat(messages, answerFollows);
  }
}
