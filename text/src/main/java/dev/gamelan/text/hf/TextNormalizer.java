package dev.gamelan.text.hf;

import dev.gamelan.text.split.Pieces;
import dev.gamelan.text.split.Splitter;
import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.CharsMap;
import dev.gamelan.text.unicode.Normalization;
import dev.gamelan.text.unicode.Utf8;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What is done to a text before it is cut into pieces: {@code normalizer} of tokenizer.json. */
public sealed interface TextNormalizer
    permits BertNormalizer,
        PrecompiledNormalizer,
        TextNormalizer.Unicode,
        TextNormalizer.Lowercase,
        TextNormalizer.StripAccents,
        TextNormalizer.Nmt,
        TextNormalizer.Prepend,
        TextNormalizer.Strip,
        TextNormalizer.Replace,
        TextNormalizer.Sequence {
  /** The normalized text. */
  String apply(String text);

  /** The normalized UTF-8 of {@code text[from, to)}, a new array. */
  default byte[] apply(byte[] text, int from, int to) {
    return Utf8.encode(apply(Utf8.decode(text, from, to)));
  }

  /** Whether it is plain from the bytes that {@code text[from, to)} stays as it is. */
  boolean leavesAlone(byte[] text, int from, int to);

  /** A Unicode normalization form. */
  record Unicode(Normalizer.Form form) implements TextNormalizer {
    @Override
    public String apply(String text) {
      return Normalization.apply(form, text);
    }

    @Override
    public byte[] apply(byte[] text, int from, int to) {
      return form == Normalizer.Form.NFC
          ? Normalization.nfc(text, from, to)
          : TextNormalizer.super.apply(text, from, to);
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      if (form == Normalizer.Form.NFC) {
        return Normalization.isPlainNfc(text, from, to);
      }
      return isAscii(text, from, to);
    }
  }

  /** Every character in lower case, whatever stands around it. */
  record Lowercase() implements TextNormalizer {
    @Override
    public String apply(String text) {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints()
          .forEach(
              c -> {
                if (c == 0x130) {
                  out.append("i\u0307");
                } else {
                  out.appendCodePoint(Character.toLowerCase(c));
                }
              });
      return out.toString();
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      for (int i = from; i < to; i++) {
        if (text[i] < 0 || text[i] >= 'A' && text[i] <= 'Z') {
          return false;
        }
      }
      return true;
    }
  }

  /** Combining marks taken away. */
  record StripAccents() implements TextNormalizer {
    @Override
    public String apply(String text) {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints()
          .filter(c -> (Categories.of(c) & Categories.MARK) == 0)
          .forEach(out::appendCodePoint);
      return out.toString();
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      return isAscii(text, from, to);
    }
  }

  /** Control characters taken away and other spaces made spaces, as in machine translation. */
  record Nmt() implements TextNormalizer {
    @Override
    public String apply(String text) {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints().filter(c -> !isDropped(c)).map(Nmt::spaced).forEach(out::appendCodePoint);
      return out.toString();
    }

    private static boolean isDropped(int c) {
      return c >= 1 && c <= 8
          || c == 0xB
          || c >= 0xE && c <= 0x1F
          || c == 0x7F
          || c == 0x8F
          || c == 0x9F;
    }

    private static int spaced(int c) {
      boolean space =
          c == 9
              || c == 0xA
              || c == 0xC
              || c == 0xD
              || c == 0x1680
              || c >= 0x200B && c <= 0x200F
              || c == 0x2028
              || c == 0x2029
              || c == 0x2581
              || c == 0xFEFF
              || c == 0xFFFD;
      return space ? ' ' : c;
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      for (int i = from; i < to; i++) {
        if (text[i] < ' ' || text[i] == 0x7F) {
          return false;
        }
      }
      return true;
    }
  }

  /** Something put before a text that isn't empty. */
  record Prepend(String text) implements TextNormalizer {
    @Override
    public String apply(String given) {
      return given.isEmpty() ? given : text + given;
    }

    @Override
    public byte[] apply(byte[] given, int from, int to) {
      byte[] before = from == to ? new byte[0] : Utf8.encode(text);
      byte[] all = Arrays.copyOf(before, before.length + to - from);
      System.arraycopy(given, from, all, before.length, to - from);
      return all;
    }

    @Override
    public boolean leavesAlone(byte[] given, int from, int to) {
      return from == to || text.isEmpty();
    }
  }

  /** White space taken away at the ends. */
  record Strip(boolean left, boolean right) implements TextNormalizer {
    @Override
    public String apply(String text) {
      byte[] bytes = Utf8.encode(text);
      int from = 0;
      int to = bytes.length;
      while (left && from < to && space(bytes, from)) {
        from += Utf8.length(bytes[from]);
      }
      while (right && from < to && space(bytes, Utf8.before(bytes, to))) {
        to = Utf8.before(bytes, to);
      }
      return Utf8.decode(bytes, from, to);
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      return from == to
          || !(left && space(text, from)) && !(right && space(text, Utf8.before(text, to)));
    }

    private static boolean space(byte[] text, int at) {
      return Categories.isSpace(Utf8.codePoint(text, at));
    }
  }

  /** Matches of a pattern replaced by a text. */
  record Replace(TextPattern pattern, String content, Splitter matcher) implements TextNormalizer {
    @Override
    public String apply(String text) {
      byte[] bytes = Utf8.encode(text);
      return Utf8.decode(apply(bytes, 0, bytes.length));
    }

    @Override
    public byte[] apply(byte[] text, int from, int to) {
      byte[] instead = Utf8.encode(content);
      if (pattern instanceof TextPattern.Literal(String literal)
          && literal.length() == 1
          && literal.charAt(0) < 0x80) {
        return replaced(text, from, to, (byte) literal.charAt(0), instead);
      }
      Pieces pieces = new Pieces();
      pieces.reset(text, from);
      matcher.split(text, from, to, pieces);
      long length = 0;
      for (int i = 0; i < pieces.size(); i++) {
        // The matcher drops matches.
        length += pieces.dropped(i) ? instead.length : pieces.end(i) - pieces.start(i);
      }
      byte[] out = new byte[Math.toIntExact(length)];
      int at = 0;
      for (int i = 0; i < pieces.size(); i++) {
        boolean match = pieces.dropped(i);
        int n = match ? instead.length : pieces.end(i) - pieces.start(i);
        System.arraycopy(match ? instead : text, match ? 0 : pieces.start(i), out, at, n);
        at += n;
      }
      return out;
    }

    private static byte[] replaced(byte[] text, int from, int to, byte old, byte[] instead) {
      int count = 0;
      for (int i = from; i < to; i++) {
        count += text[i] == old ? 1 : 0;
      }
      byte[] out = new byte[Math.toIntExact(to - from + (long) count * (instead.length - 1))];
      int at = 0;
      for (int i = from; i < to; i++) {
        if (text[i] != old) {
          out[at++] = text[i];
        } else {
          for (byte b : instead) {
            out[at++] = b;
          }
        }
      }
      return out;
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      return from == to;
    }
  }

  /** One after the other. */
  record Sequence(List<TextNormalizer> normalizers) implements TextNormalizer {
    public Sequence {
      normalizers = List.copyOf(normalizers);
    }

    @Override
    public String apply(String text) {
      for (TextNormalizer each : normalizers) {
        text = each.apply(text);
      }
      return text;
    }

    @Override
    public byte[] apply(byte[] text, int from, int to) {
      for (TextNormalizer each : normalizers) {
        if (!each.leavesAlone(text, from, to)) {
          text = each.apply(text, from, to);
          from = 0;
          to = text.length;
        }
      }
      return Arrays.copyOfRange(text, from, to);
    }

    @Override
    public boolean leavesAlone(byte[] text, int from, int to) {
      for (TextNormalizer each : normalizers) {
        if (!each.leavesAlone(text, from, to)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean isAscii(byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** BERT's normalizer with all it does; lower case if asked for, and then without accents. */
  static TextNormalizer bert(boolean lowercase) {
    return new BertNormalizer(true, true, Optional.empty(), lowercase);
  }

  /** SentencePiece's map, as Hugging Face's library applies it. */
  static TextNormalizer precompiled(CharsMap map) {
    return new PrecompiledNormalizer(Base64.getEncoder().encodeToString(map.blob()), map);
  }

  /** A replacement. */
  static TextNormalizer replace(TextPattern pattern, String content) {
    var removed = dev.gamelan.text.split.SplitBehavior.REMOVED;
    Splitter matcher =
        switch (pattern) {
          case TextPattern.Literal(String text) -> Splitter.literal(text, removed, false);
          case TextPattern.Regex(String expression) -> Splitter.regex(expression, removed, false);
        };
    return new Replace(pattern, content, matcher);
  }
}
