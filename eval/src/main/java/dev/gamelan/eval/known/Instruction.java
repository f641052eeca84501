package dev.gamelan.eval.known;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.text.template.PythonPattern;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One of IFEval's instructions.
 *
 * @param id such as {@code length_constraints:number_words}
 * @param kwargs its own arguments, such as {@code num_words} and {@code relation}
 */
record Instruction(String id, JsonNode kwargs) {
  /** Whether an answer follows it. */
  boolean follows(String answer) {
    return switch (id) {
      case "keywords:existence" -> all("keywords", k -> found(k, answer, 0) > 0);
      case "keywords:forbidden_words" ->
          all("forbidden_words", k -> found("\\b" + k + "\\b", answer, 0) == 0);
      case "keywords:frequency" ->
          compared(found(PythonText.strip(text("keyword")), answer, 0), "frequency", "relation");
      case "keywords:letter_frequency" -> {
        String letter = text("letter").strip().toLowerCase(Locale.ROOT);
        yield compared(occurrences(letter, lower(answer)), "let_frequency", "let_relation");
      }
      case "language:response_language" -> LanguageGuess.of(answer).equals(text("language"));
      case "length_constraints:number_sentences" ->
          compared(sentences(answer), "num_sentences", "relation");
      case "length_constraints:number_words" ->
          compared(found("\\w+", answer, 0), "num_words", "relation");
      case "length_constraints:number_paragraphs" -> paragraphs(answer);
      case "length_constraints:nth_paragraph_first_word" -> firstWord(answer);
      case "detectable_content:number_placeholders" ->
          found("\\[.*?\\]", answer, 0) >= number("num_placeholders");
      case "detectable_content:postscript" -> postscript(answer);
      case "detectable_format:number_bullet_lists" ->
          found("^\\s*\\*[^\\*].*$", answer, Pattern.MULTILINE)
                  + found("^\\s*-.*$", answer, Pattern.MULTILINE)
              == number("num_bullets");
      case "detectable_format:constrained_response" ->
          List.of("My answer is yes.", "My answer is no.", "My answer is maybe.").stream()
              .anyMatch(answer::contains);
      case "detectable_format:number_highlighted_sections" ->
          highlights(answer) >= number("num_highlights");
      case "detectable_format:multiple_sections" ->
          PythonPattern.of("\\s?" + PythonText.strip(text("section_spliter")) + "\\s?\\d+\\s?")
                      .split(answer)
                      .size()
                  - 1
              >= number("num_sections");
      case "detectable_format:json_format" -> json(answer);
      case "detectable_format:title" ->
          PythonPattern.of("<<[^\\n]+>>").findAll(answer).stream()
              .anyMatch(m -> !bare(m.group(), "^<+|>+$").isEmpty());
      case "combination:two_responses" -> twoResponses(answer);
      case "combination:repeat_prompt" ->
          lower(PythonText.strip(answer))
              .startsWith(lower(PythonText.strip(text("prompt_to_repeat"))));
      case "startend:end_checker" ->
          lower(PythonText.strip(answer).replaceAll("^\"+|\"+$", ""))
              .endsWith(lower(PythonText.strip(text("end_phrase"))));
      case "startend:quotation" -> {
        String t = PythonText.strip(answer);
        yield t.length() > 1 && t.startsWith("\"") && t.endsWith("\"");
      }
      case "change_case:capital_word_frequency" ->
          compared(capitals(answer), "capital_frequency", "capital_relation");
      case "change_case:english_capital" -> cased(answer, true) && english(answer);
      case "change_case:english_lowercase" -> cased(answer, false) && english(answer);
      case "punctuation:no_comma" -> !answer.contains(",");
      default -> throw new TaskException("ifeval: there is no instruction '" + id + "'");
    };
  }

  private JsonNode argument(String name) {
    JsonNode value = kwargs.path(name);
    if (value.isMissingNode() || value.isNull()) {
      throw new TaskException("ifeval: the instruction " + id + " lacks its " + name);
    }
    return value;
  }

  private String text(String name) {
    return PythonText.str(argument(name));
  }

  private double number(String name) {
    return argument(name).asDouble();
  }

  private boolean compared(long count, String threshold, String relation) {
    return switch (text(relation)) {
      case "less than" -> count < number(threshold);
      case "at least" -> count >= number(threshold);
      default ->
          throw new TaskException("ifeval: %s: the relation '%s'".formatted(id, text(relation)));
    };
  }

  private boolean all(String list, java.util.function.Predicate<String> holds) {
    for (JsonNode word : argument(list)) {
      if (!holds.test(PythonText.str(word))) {
        return false;
      }
    }
    return true;
  }

  private static int found(String pattern, String text, int flags) {
    int all = flags == 0 ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : flags;
    return PythonPattern.of(pattern, all).findAll(text).size();
  }

  private static long occurrences(String letter, String text) {
    int wanted = letter.isEmpty() ? -1 : letter.codePointAt(0);
    return text.codePoints().filter(c -> c == wanted).count();
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static String bare(String text, String stripped) {
    return PythonText.strip(text.replaceAll(stripped, ""));
  }

  private static long sentences(String text) {
    long count = 0;
    for (String part : text.split("(?<=[.!?])[\"')\\]]*\\s+")) {
      count += part.isBlank() ? 0 : 1;
    }
    return count;
  }

  private boolean paragraphs(String text) {
    List<String> parts = PythonPattern.of("\\s?\\*\\*\\*\\s?").split(text);
    int count = parts.size();
    for (int i = 0; i < parts.size(); i++) {
      if (PythonText.strip(parts.get(i)).isEmpty()) {
        if (i > 0 && i < parts.size() - 1) {
          return false;
        }
        count--;
      }
    }
    return count == number("num_paragraphs");
  }

  private boolean firstWord(String text) {
    String[] parts = text.split("\n\n", -1);
    int count = 0;
    for (String part : parts) {
      count += PythonText.strip(part).isEmpty() ? 0 : 1;
    }
    int nth = (int) number("nth_paragraph");
    if (nth < 1 || nth > count) {
      return false;
    }
    String paragraph = PythonText.strip(parts[nth - 1]);
    if (paragraph.isEmpty()) {
      return false;
    }
    String word = paragraph.split("\\s+")[0].replaceFirst("^'+", "").replaceFirst("^\"+", "");
    String first = lower(word.split("[.,?!'\"]", 2)[0]);
    return count == number("num_paragraphs") && first.equals(lower(text("first_word")));
  }

  private boolean postscript(String text) {
    String marker = PythonText.strip(text("postscript_marker"));
    String pattern =
        switch (marker) {
          case "P.P.S" -> "\\s*p\\.\\s?p\\.\\s?s.*$";
          case "P.S." -> "\\s*p\\.\\s?s\\..*$";
          default -> "\\s*" + lower(marker) + ".*$";
        };
    return found(pattern, lower(text), Pattern.MULTILINE) > 0;
  }

  private static int highlights(String text) {
    int count = 0;
    for (MatchResult m : PythonPattern.of("\\*[^\\n\\*]*\\*").findAll(text)) {
      count += bare(m.group(), "^\\*+|\\*+$").isEmpty() ? 0 : 1;
    }
    for (MatchResult m : PythonPattern.of("\\*\\*[^\\n\\*]*\\*\\*").findAll(text)) {
      count += bare(m.group(), "^\\*\\*|\\*\\*$").isEmpty() ? 0 : 1;
    }
    return count;
  }

  private static boolean json(String text) {
    String t =
        PythonText.strip(text)
            .replaceFirst("^```json", "")
            .replaceFirst("^```Json", "")
            .replaceFirst("^```JSON", "")
            .replaceFirst("^```", "")
            .replaceFirst("```$", "");
    try {
      return !t.isBlank() && !JsonMapper.shared().readTree(t).isMissingNode();
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean twoResponses(String text) {
    String[] parts = text.split(Pattern.quote("******"), -1);
    String first = "";
    int count = 0;
    boolean differ = true;
    for (int i = 0; i < parts.length; i++) {
      String part = PythonText.strip(parts[i]);
      if (part.isEmpty()) {
        if (i > 0 && i < parts.length - 1) {
          return false;
        }
        continue;
      }
      differ = count == 0 || !part.equals(first);
      first = count == 0 ? part : first;
      count++;
    }
    return count == 2 && differ;
  }

  private static long capitals(String text) {
    return PythonPattern.of("[\\w'-]+").findAll(text).stream()
        .filter(m -> cased(m.group(), true))
        .count();
  }

  /** {@code isupper} or {@code islower}: there is a letter with case, and none of the other. */
  private static boolean cased(String text, boolean upper) {
    boolean some = false;
    for (int c : text.codePoints().toArray()) {
      boolean isUpper = Character.isUpperCase(c) || Character.isTitleCase(c);
      boolean isLower = Character.isLowerCase(c);
      if (upper ? isLower : isUpper) {
        return false;
      }
      some |= isUpper || isLower;
    }
    return some;
  }

  private static boolean english(String text) {
    return LanguageGuess.of(lower(text)).equals("en");
  }
}
