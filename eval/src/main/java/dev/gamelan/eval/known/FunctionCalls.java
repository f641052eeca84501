package dev.gamelan.eval.known;

import dev.gamelan.eval.python.PythonLiteral;
import dev.gamelan.eval.python.PythonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads calls as Python writes them: {@code [area(base=10, unit="m"), math.sqrt(x=2)]}. */
final class FunctionCalls {
  /** A call with its arguments by name, in order. */
  record Call(String function, Map<String, JsonNode> arguments) {}

  private static final Pattern FENCE = Pattern.compile("(?s)\\s*```\\w*\\s*\\n(.*?)```.*");
  private static final Pattern CALL =
      Pattern.compile(
          "(?s)\\s*([\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)*)\\s*\\((.*)\\)\\s*");
  private static final Pattern ARGUMENT =
      Pattern.compile("(?s)\\s*([\\p{L}_][\\p{L}\\p{N}_]*)\\s*=(.*)");

  private FunctionCalls() {}

  /** The calls of an answer; empty where it isn't a list of calls with named arguments. */
  static Optional<List<Call>> parse(String answer) {
    Matcher fenced = FENCE.matcher(answer);
    String text = PythonText.strip(fenced.matches() ? fenced.group(1) : answer);
    if (text.startsWith("[") && text.endsWith("]") && text.length() > 1) {
      text = text.substring(1, text.length() - 1);
    }
    Optional<List<String>> parts = split(text);
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    List<Call> calls = new ArrayList<>();
    for (String part : parts.get()) {
      Matcher m = CALL.matcher(part);
      Optional<Map<String, JsonNode>> arguments =
          m.matches() ? arguments(m.group(2)) : Optional.empty();
      if (arguments.isEmpty()) {
        return Optional.empty();
      }
      calls.add(new Call(m.group(1), arguments.get()));
    }
    return Optional.of(calls);
  }

  private static Optional<Map<String, JsonNode>> arguments(String text) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    Optional<List<String>> parts = split(text);
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    for (String part : parts.get()) {
      Matcher m = ARGUMENT.matcher(part);
      if (!m.matches() || values.containsKey(m.group(1))) {
        return Optional.empty();
      }
      String value = PythonText.strip(m.group(2));
      if (value.isEmpty()) {
        return Optional.empty();
      }
      // What isn't a literal, such as a variable's name, counts as its text.
      values.put(
          m.group(1),
          PythonLiteral.parse(value).orElseGet(() -> JsonNodeFactory.instance.stringNode(value)));
    }
    return Optional.of(values);
  }

  /** Cuts at the commas outside of brackets and quotes; empty where these don't match. */
  private static Optional<List<String>> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\'' -> {
          i++;
          while (i < text.length() && text.charAt(i) != c) {
            i += text.charAt(i) == '\\' ? 2 : 1;
          }
          if (i >= text.length()) {
            return Optional.empty();
          }
        }
        case '(' -> open.append(')');
        case '[' -> open.append(']');
        case '{' -> open.append('}');
        case ')', ']', '}' -> {
          int last = open.length() - 1;
          if (last < 0 || open.charAt(last) != c) {
            return Optional.empty();
          }
          open.setLength(last);
        }
        case ',' -> {
          if (open.isEmpty()) {
            parts.add(text.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    String rest = text.substring(start);
    if (!rest.isBlank()) {
      parts.add(rest);
    }
    return open.isEmpty() ? Optional.of(parts) : Optional.empty();
  }
}
