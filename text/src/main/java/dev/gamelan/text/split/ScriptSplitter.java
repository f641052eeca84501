package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Utf8;
import java.lang.Character.UnicodeScript;
import java.util.Optional;

/**
 * Cuts where the script changes; Japanese syllables count as Han, and a space as any script (the
 * pre-tokenizer UnicodeScripts, after SentencePiece).
 */
final class ScriptSplitter implements Splitter {
  @Override
  public void split(byte[] text, int from, int to, Pieces out) {
    Optional<UnicodeScript> before = Optional.empty();
    for (int i = from; i < to; i += Utf8.length(text[i])) {
      int c = Utf8.codePoint(text, i);
      Optional<UnicodeScript> script = c == ' ' ? Optional.empty() : Optional.of(script(c));
      if (before.isPresent() && script.isPresent() && !before.equals(script)) {
        out.add(i);
      }
      before = script;
    }
    out.add(to);
  }

  private static UnicodeScript script(int c) {
    UnicodeScript script = UnicodeScript.of(c);
    return c == 0x30FC || script == UnicodeScript.HIRAGANA || script == UnicodeScript.KATAKANA
        ? UnicodeScript.HAN
        : script;
  }
}
