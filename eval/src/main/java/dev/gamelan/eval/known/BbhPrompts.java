package dev.gamelan.eval.known;

import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.TaskException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Examples of BIG-bench hard's prompt files: a notice, a line of dashes, what the task is, then
 * blocks of {@code Q: ...}, {@code A: Let's think step by step.} and the way to the answer, which
 * ends in {@code So the answer is X.}.
 */
final class BbhPrompts {
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "^Q: (?<input>.*?)\\nA: Let's think step by step\\.\\s+(?<target>.*?)\\s*(?=\\n\\s*\\nQ: |\\z)",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern ANSWER =
      Pattern.compile(".*the answer is (.*?)\\.?", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private BbhPrompts() {}

  static Map<String, Hooks> hooks() {
    return Map.of(
        "bbh/utils.worked", (Hooks.Documents) pages -> examples(pages, false),
        "bbh/utils.direct", (Hooks.Documents) pages -> examples(pages, true));
  }

  private static List<ObjectNode> examples(List<ObjectNode> pages, boolean answersOnly) {
    List<ObjectNode> examples = new ArrayList<>();
    for (ObjectNode page : pages) {
      if (!page.has("page")) {
        // Somebody's own rows, with input and target.
        examples.add(page);
        continue;
      }
      Matcher m = EXAMPLE.matcher(KnownHooks.text(page, "page"));
      while (m.find()) {
        String target = m.group("target");
        examples.add(
            JsonNodeFactory.instance
                .objectNode()
                .put("input", m.group("input"))
                .put("target", answersOnly ? answer(target) : target));
      }
    }
    if (examples.isEmpty()) {
      throw new TaskException(
          "bbh: the prompt file has no 'Q: ...', 'A: Let's think step by step.'; fetch cot-prompts of BIG-Bench-Hard again");
    }
    return examples;
  }

  private static String answer(String way) {
    Matcher m = ANSWER.matcher(way);
    if (!m.matches()) {
      throw new TaskException("bbh: an example doesn't say 'the answer is': " + way);
    }
    return m.group(1);
  }
}
