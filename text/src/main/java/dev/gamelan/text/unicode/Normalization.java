package dev.gamelan.text.unicode;

import java.io.ByteArrayOutputStream;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Unicode normalization forms by {@link java.text.Normalizer}, in linear time on any text. The
 * JDK's takes quadratic time on long runs of combining marks, so those are put into canonical order
 * beforehand, which by definition doesn't change the result.
 */
public final class Normalization {
  private static final int LONG_RUN = 64;

  // Stretches to normalize with fewer bytes than this between them are one.
  private static final int SHORT_GAP = 64;

  // Of combining classes 1 and 240: the smallest and the largest.
  private static final String FIRST_CLASS = "\u0334";
  private static final String LAST_CLASS = "\u0345";

  // Bit c: the character c, below U+10000, is the same in NFC whatever stands around it.
  private static final long[] PLAIN = plain();

  private Normalization() {}

  /**
   * Whether it is plain that well-formed UTF-8 is in NFC: it has only characters that neither
   * change nor combine with others. Texts with combining marks are not plain, though most are in
   * NFC.
   */
  public static boolean isPlainNfc(byte[] text, int from, int to) {
    return notPlain(text, from, to) == to;
  }

  // The first character that isn't plain.
  private static int notPlain(byte[] text, int from, int to) {
    int i = from;
    while (i < to) {
      int b = text[i];
      if (b >= 0) {
        i++;
      } else if (isPlain(Utf8.codePoint(text, i))) {
        i += Utf8.length(text[i]);
      } else {
        break;
      }
    }
    return i;
  }

  // Emoji are frequent, and not a character of their planes changes.
  private static boolean isPlain(int c) {
    return c < 0x10000 ? (PLAIN[c >>> 6] >>> c & 1) != 0 : c >= 0x1F000 && c < 0x20000;
  }

  /**
   * Well-formed UTF-8 in NFC, a new array. Before a plain character a text can be cut in two and
   * each part be normalized for itself, so that what is plain is only copied.
   */
  public static byte[] nfc(byte[] text, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
    int copied = from;
    for (int i = notPlain(text, from, to); i < to; i = notPlain(text, i, to)) {
      // From the character before, which it may combine with, to where enough plain ones follow.
      int start = i == copied ? i : Utf8.before(text, i);
      int end = i;
      for (int next = i; next < to && next - end <= SHORT_GAP; next = notPlain(text, next, to)) {
        end = next + Utf8.length(text[next]);
        next = end;
      }
      out.write(text, copied, start - copied);
      out.writeBytes(Utf8.encode(apply(Normalizer.Form.NFC, Utf8.decode(text, start, end))));
      copied = end;
      i = end;
    }
    out.write(text, copied, to - copied);
    return out.toByteArray();
  }

  // No mark is plain, nor are the vowels and final consonants that Hangul syllables are made of.
  private static long[] plain() {
    long[] bits = new long[1 << 10];
    for (int c = 0; c < 0x10000; c++) {
      boolean combines = isMark(c) || c >= 0x1161 && c <= 0x1175 || c >= 0x11A8 && c <= 0x11C2;
      boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
      if (!combines
          && !surrogate
          && (c < 0x300
              || Normalizer.isNormalized(String.valueOf((char) c), Normalizer.Form.NFC))) {
        bits[c >>> 6] |= 1L << c;
      }
    }
    return bits;
  }

  /** {@code text} in {@code form}. */
  public static String apply(Normalizer.Form form, String text) {
    return Normalizer.normalize(shortRuns(text), form);
  }

  private static String shortRuns(String text) {
    StringBuilder out = null;
    int copied = 0;
    int n = text.length();
    for (int i = 0; i < n; ) {
      if (text.charAt(i) < 0x300) {
        i++;
        continue;
      }
      int end = i;
      while (end < n && isMark(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
      if (end - i > LONG_RUN) {
        out = out == null ? new StringBuilder(n) : out;
        out.append(text, copied, i);
        reorder(text, i, end, out);
        copied = end;
      }
      i = end == i ? i + 1 : end;
    }
    return out == null ? text : out.append(text, copied, n).toString();
  }

  private static boolean isMark(int c) {
    return (Categories.of(c) & Categories.MARK) != 0;
  }

  // Canonical decomposition and canonical order of text[from, to): a stable sort by combining class
  // of every stretch without starters, as buckets.
  private static void reorder(String text, int from, int to, StringBuilder out) {
    Map<Integer, Integer> ranks = new HashMap<>();
    List<String> order = new ArrayList<>();
    String[] decomposed = decomposed(text, from, to);
    for (String mark : decomposed) {
      mark.codePoints().forEach(c -> ranks.putIfAbsent(c, -1));
    }
    // Representatives of the combining classes that occur, ascending.
    for (int c : ranks.keySet().stream().mapToInt(Integer::intValue).sorted().toArray()) {
      String s = Character.toString(c);
      if (isStarter(s)) {
        continue;
      }
      int at = 0;
      while (at < order.size() && follows(s, order.get(at))) {
        at++;
      }
      if (at == order.size() || follows(order.get(at), s)) {
        order.add(at, s);
      }
    }
    for (int c : List.copyOf(ranks.keySet())) {
      String s = Character.toString(c);
      for (int r = 0; r < order.size(); r++) {
        if (!isStarter(s) && !follows(s, order.get(r)) && !follows(order.get(r), s)) {
          ranks.put(c, r);
        }
      }
    }
    StringBuilder[] buckets = new StringBuilder[order.size()];
    for (int r = 0; r < buckets.length; r++) {
      buckets[r] = new StringBuilder();
    }
    for (String mark : decomposed) {
      for (int i = 0; i < mark.length(); ) {
        int c = mark.codePointAt(i);
        i += Character.charCount(c);
        int rank = ranks.get(c);
        if (rank >= 0) {
          buckets[rank].appendCodePoint(c);
        } else {
          flush(buckets, out);
          out.appendCodePoint(c);
        }
      }
    }
    flush(buckets, out);
  }

  private static void flush(StringBuilder[] buckets, StringBuilder out) {
    for (StringBuilder bucket : buckets) {
      out.append(bucket);
      bucket.setLength(0);
    }
  }

  private static String[] decomposed(String text, int from, int to) {
    Map<Integer, String> forms = new HashMap<>();
    return text.substring(from, to)
        .codePoints()
        .mapToObj(c -> forms.computeIfAbsent(c, x -> nfd(Character.toString(x))))
        .toArray(String[]::new);
  }

  // Whether canonical order puts b before a, that is, 0 < class(b) < class(a).
  private static boolean follows(String a, String b) {
    return !nfd(a + b).equals(a + b);
  }

  private static boolean isStarter(String s) {
    return !follows(s, FIRST_CLASS) && !follows(LAST_CLASS, s) && !s.equals(LAST_CLASS);
  }

  private static String nfd(String s) {
    return Normalizer.normalize(s, Normalizer.Form.NFD);
  }
}
