package dev.gamelan.text.hf;

import dev.gamelan.text.unicode.CharsMap;
import dev.gamelan.text.unicode.Utf8;
import java.io.ByteArrayOutputStream;
import java.text.BreakIterator;
import java.util.Base64;
import java.util.Locale;

/**
 * SentencePiece's map as Hugging Face's library applies it: a grapheme of fewer than six bytes
 * becomes what the shortest string of the map that it begins with becomes; else its characters are
 * looked up one by one.
 *
 * @param base64 the map, as the file writes it
 * @param map the map
 */
record PrecompiledNormalizer(String base64, CharsMap map) implements TextNormalizer {
  private static final int LONG_GRAPHEME = 6;

  static PrecompiledNormalizer of(String base64) {
    return new PrecompiledNormalizer(base64, CharsMap.of(Base64.getDecoder().decode(base64)));
  }

  @Override
  public String apply(String text) {
    byte[] bytes = Utf8.encode(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    CharsMap.Match match = new CharsMap.Match();
    BreakIterator graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
    graphemes.setText(text);
    int at = 0;
    int start = graphemes.first();
    for (int end = graphemes.next(); end != BreakIterator.DONE; end = graphemes.next()) {
      int length = Utf8.encode(text.substring(start, end)).length;
      start = end;
      if (length >= LONG_GRAPHEME || !replace(bytes, at, at + length, match, out)) {
        for (int i = at; i < at + length; i += Utf8.length(bytes[i])) {
          int next = i + Utf8.length(bytes[i]);
          if (!replace(bytes, i, next, match, out)) {
            out.write(bytes, i, next - i);
          }
        }
      }
      at += length;
    }
    return Utf8.decode(out.toByteArray());
  }

  private boolean replace(
      byte[] bytes, int from, int to, CharsMap.Match match, ByteArrayOutputStream out) {
    if (!map.find(bytes, from, to, true, match)) {
      return false;
    }
    out.write(map.replacements(), match.from, match.to - match.from);
    return true;
  }

  @Override
  public boolean leavesAlone(byte[] text, int from, int to) {
    CharsMap.Match match = new CharsMap.Match();
    for (int i = from; i < to; i++) {
      if (text[i] < 0 || text[i] == '\r' || map.find(text, i, i + 1, true, match)) {
        return false;
      }
    }
    return true;
  }
}
