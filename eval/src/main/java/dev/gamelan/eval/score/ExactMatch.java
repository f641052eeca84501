package dev.gamelan.eval.score;

import dev.gamelan.text.template.PythonPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Whether a text is another, but for what a task's options say doesn't count. */
final class ExactMatch {
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private final List<PythonPattern> ignored = new ArrayList<>();
  private final boolean ignoreCase;
  private final boolean ignorePunctuation;
  private final boolean ignoreNumbers;

  ExactMatch(ObjectNode options) {
    for (JsonNode regex : options.path("regexes_to_ignore")) {
      ignored.add(PythonPattern.of(regex.asString()));
    }
    ignoreCase = options.path("ignore_case").asBoolean(false);
    ignorePunctuation = options.path("ignore_punctuation").asBoolean(false);
    ignoreNumbers = options.path("ignore_numbers").asBoolean(false);
  }

  boolean same(String reference, String prediction) {
    return plain(reference).equals(plain(prediction));
  }

  private String plain(String text) {
    String result = text;
    for (PythonPattern regex : ignored) {
      result = regex.replace(result, "", 0);
    }
    if (ignoreCase) {
      result = result.toLowerCase(Locale.ROOT);
    }
    if (ignorePunctuation || ignoreNumbers) {
      StringBuilder kept = new StringBuilder(result.length());
      for (int i = 0; i < result.length(); i++) {
        char c = result.charAt(i);
        boolean dropped =
            (ignorePunctuation && PUNCTUATION.indexOf(c) >= 0)
                || (ignoreNumbers && c >= '0' && c <= '9');
        if (!dropped) {
          kept.append(c);
        }
      }
      result = kept.toString();
    }
    return result;
  }
}
