package dev.gamelan.eval.task;

import dev.gamelan.eval.python.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Puts a prompt together from system text, examples and question: as plain text or as a chat. */
final class Prompts {
  private Prompts() {}

  /**
   * A part of a prompt.
   *
   * @param role system, user or assistant
   * @param delimiter what follows it in plain text
   */
  record Message(String role, String content, String delimiter) {}

  /** Both, with a delimiter unless there is white space between them already. */
  static String delimited(String prefix, String suffix, String delimiter) {
    if (prefix.isEmpty() || suffix.isEmpty()) {
      return prefix + suffix;
    }
    return needsDelimiter(prefix, suffix) ? prefix + delimiter + suffix : prefix + suffix;
  }

  static boolean needsDelimiter(String prefix, String suffix) {
    return !prefix.isEmpty()
        && !endsWithSpace(prefix)
        && !(!suffix.isEmpty() && PythonText.isSpace(suffix.codePointAt(0)));
  }

  static boolean endsWithSpace(String text) {
    return !text.isEmpty() && PythonText.isSpace(text.codePointBefore(text.length()));
  }

  /**
   * A question and, for an example, its answer.
   *
   * @param prefix the beginning of the answer; empty for none
   */
  static List<Message> turn(
      String question,
      Optional<String> answer,
      String prefix,
      String targetDelimiter,
      String fewshotDelimiter) {
    boolean answered = answer.isPresent() && !answer.get().isEmpty();
    boolean delimited =
        answered && prefix.isEmpty() || !prefix.isEmpty() && needsDelimiter(question, prefix);
    List<Message> messages = new ArrayList<>();
    messages.add(new Message("user", question, delimited ? targetDelimiter : ""));
    if (answered) {
      messages.add(
          new Message("assistant", delimited(prefix, answer.get(), " "), fewshotDelimiter));
    } else if (!prefix.isEmpty()) {
      messages.add(new Message("assistant", prefix, ""));
    }
    return messages;
  }

  /** An answer as a text: a choice by number, the first of several, or the text itself. */
  static Optional<String> answer(JsonNode target, Optional<List<String>> choices, String task) {
    if (target.isIntegralNumber() && choices.isPresent()) {
      int index = target.intValue();
      if (index < 0 || index >= choices.get().size()) {
        throw new TaskException(
            "task %s: an example's answer is number %d of %d choices"
                .formatted(task, index, choices.get().size()));
      }
      return Optional.of(choices.get().get(index));
    }
    if (target.isArray()) {
      return target.isEmpty() ? Optional.empty() : Optional.of(PythonText.str(target.get(0)));
    }
    return Optional.of(PythonText.str(target));
  }

  /** The prompt as plain text. */
  static String plain(List<Message> messages) {
    StringBuilder out = new StringBuilder();
    messages.forEach(m -> out.append(m.content()).append(m.delimiter()));
    return out.toString();
  }

  /**
   * The prompt as a chat.
   *
   * @param multiturn whether examples are turns of their own, or all one user's message
   * @param template writes messages; its second argument says whether an answer follows
   */
  static String chat(
      List<Message> messages, boolean multiturn, BiFunction<ArrayNode, Boolean, String> template) {
    ArrayNode turns = JsonNodeFactory.instance.arrayNode();
    List<Message> rest = messages;
    boolean prefixed = messages.getLast().role().equals("assistant");
    if (multiturn) {
      rest.forEach(m -> add(turns, m.role(), m.content()));
    } else {
      if (rest.getFirst().role().equals("system")) {
        add(turns, "system", rest.getFirst().content());
        rest = rest.subList(1, rest.size());
      }
      List<Message> asked = prefixed ? rest.subList(0, rest.size() - 1) : rest;
      StringBuilder user = new StringBuilder();
      for (int i = 0; i < asked.size(); i++) {
        user.append(asked.get(i).content());
        user.append(i + 1 < asked.size() ? asked.get(i).delimiter() : "");
      }
      add(turns, "user", user.toString());
      if (prefixed) {
        add(turns, "assistant", rest.getLast().content());
      }
    }
    return template.apply(turns, !prefixed);
  }

  private static void add(ArrayNode turns, String role, String content) {
    turns.addObject().put("role", role).put("content", content);
  }
}
