package dev.gamelan.eval.safety;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.run.AnswerLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model that judges answers. Its verdicts are kept in a log as all answers are. Not safe for
 * concurrent use.
 */
public final class ModelJudge {
  private static final int TOKENS = 8;

  private final LanguageModel model;
  private final AnswerLog log;
  private final Map<Request, Optional<Answer>> asked = new LinkedHashMap<>();

  public ModelJudge(LanguageModel model, AnswerLog log) {
    this.model = model;
    this.log = log;
  }

  /** The model's name. */
  public String name() {
    return model.name();
  }

  private Request request(Question question, String prompt, String answer) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    String text = question.prompt(prompt, answer);
    ArrayNode messages = nodes.arrayNode();
    messages.addObject().put("role", "user").put("content", text);
    ObjectNode args = nodes.objectNode().put("max_gen_toks", TOKENS).put("temperature", 0.0);
    args.putArray("until").add("\n");
    return new Request.Generate(model.chat(messages, true).orElse(text), args, 0);
  }

  /** Tells of an exchange that will be judged. */
  void prepare(Question question, String prompt, String answer) {
    Request request = request(question, prompt, answer);
    asked.computeIfAbsent(request, log::find);
  }

  /** The verdict; empty if the model didn't give one that can be read. */
  Optional<Boolean> judge(Question question, String prompt, String answer) {
    prepare(question, prompt, answer);
    List<Request> open =
        new ArrayList<>(
            asked.entrySet().stream()
                .filter(e -> e.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList());
    if (!open.isEmpty()) {
      model.answer(
          open,
          (index, given) -> {
            log.put(open.get(index), given);
            asked.put(open.get(index), Optional.of(given));
          });
    }
    Answer given = asked.get(request(question, prompt, answer)).orElseThrow();
    return Question.verdict(((Answer.Text) given).text());
  }
}
