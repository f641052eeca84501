package dev.gamelan.eval.score;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.text.template.PythonPattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The filter {@code multi_choice_regex}: the letter of a choice out of a text, by a pattern, else
 * by the choice's own words, else by a letter after a colon.
 */
final class ChoiceExtraction {
  private final PythonPattern pattern;
  private final int select;
  private final String fallback;
  private final boolean ignoreCase;
  private final boolean ignorePunctuation;
  private final List<PythonPattern> ignored = new ArrayList<>();

  ChoiceExtraction(ObjectNode o) {
    pattern = PythonPattern.of(o.path("regex_pattern").asString("#### (\\-?[0-9\\.\\,]+)"));
    select = o.path("group_select").asInt(0);
    fallback = o.path("fallback").asString("[invalid]");
    ignoreCase = o.path("ignore_case").asBoolean(false);
    ignorePunctuation = o.path("ignore_punctuation").asBoolean(false);
    for (JsonNode regex : o.path("regexes_to_ignore")) {
      ignored.add(PythonPattern.of(regex.asString()));
    }
  }

  String extract(String answer, ObjectNode document) {
    Map<String, String> byWords = new LinkedHashMap<>();
    Map<String, String> byLetter = new LinkedHashMap<>();
    List<String> words = new ArrayList<>();
    char letter = 'A';
    for (JsonNode choice : document.path("choices")) {
      String plain = plain(PythonText.strip(PythonText.str(choice)));
      words.add(plain);
      byWords.put(plain, "(" + letter + ")");
      byLetter.put(String.valueOf(letter), "(" + letter + ")");
      letter++;
    }
    return find(pattern, answer, Map.of())
        .or(() -> find(anyOf(words), plain(answer), byWords))
        .or(
            () ->
                find(
                    PythonPattern.of(":[\\s]*(" + String.join("|", byLetter.keySet()) + ")"),
                    answer,
                    byLetter))
        .orElse(fallback);
  }

  private static PythonPattern anyOf(List<String> words) {
    return PythonPattern.of(
        String.join(
            "|",
            words.stream()
                .map(w -> w.replaceAll("[^\\p{L}\\p{N}_]", "\\\\$0"))
                .sorted(Comparator.comparing(String::length).reversed())
                .toList()));
  }

  private Optional<String> find(PythonPattern regex, String text, Map<String, String> names) {
    return Filters.chosen(regex.findAll(text), select)
        .map(PythonText::strip)
        .filter(found -> !found.isEmpty())
        .map(found -> names.getOrDefault(found, found));
  }

  private String plain(String text) {
    String result = text;
    for (PythonPattern regex : ignored) {
      result = regex.replace(result, "", 0);
    }
    if (ignoreCase) {
      result = result.toLowerCase(Locale.ROOT);
    }
    return ignorePunctuation ? PUNCTUATION.matcher(result).replaceAll("") : result;
  }

  private static final Pattern PUNCTUATION = Pattern.compile("\\p{P}");
}
