package dev.gamelan.eval.known;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.text.template.PythonPattern;

/** Undoes what corpora did to their texts, as the reference undoes it, oddities included. */
final class Detokenizer {
  private static final PythonPattern BRACKETS = PythonPattern.of("\\[.*?\\]");
  private static final PythonPattern SLASHED = PythonPattern.of("/' [0-9]/");
  private static final PythonPattern PARENTHESES = PythonPattern.of("\\(\\s*([^\\)]*?)\\s*\\)");
  private static final PythonPattern SQUARE = PythonPattern.of("\\[\\s*([^\\]]*?)\\s*\\]");
  private static final PythonPattern CURLY = PythonPattern.of("\\{\\s*([^}]*?)\\s*\\}");
  private static final PythonPattern DOUBLE = PythonPattern.of("\"\\s*([^\"]*?)\\s*\"");
  private static final PythonPattern SINGLE = PythonPattern.of("'\\s*([^']*?)\\s*'");

  private Detokenizer() {}

  /** WikiHow's marks in HellaSwag. */
  static String wikiHow(String text) {
    String t = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.replace(t, "", 0).replace("  ", " ");
  }

  /** WikiText's spaces around punctuation. */
  static String wikitext(String page) {
    String t = page.replace("s '", "s'");
    t = SLASHED.replace(t, "/'[0-9]/", 0);
    t = t.replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".");
    for (String mark : new String[] {":", ";", ".", "!", "?", ","}) {
      t = t.replace(" " + mark + " ", mark + " ");
    }
    t = PARENTHESES.replace(t, "(\\1)", 0);
    t = SQUARE.replace(t, "[\\1]", 0);
    t = CURLY.replace(t, "{\\1}", 0);
    t = DOUBLE.replace(t, "\"\\1\"", 0);
    t = SINGLE.replace(t, "'\\1'", 0);
    t = t.replace("= = = =", "====").replace("= = =", "===").replace("= =", "==");
    t = t.replace(" \u00B0 ", "\u00B0").replace(" \n", "\n").replace("\n ", "\n");
    return t.replace(" N ", " 1 ").replace(" 's", "'s");
  }
}
