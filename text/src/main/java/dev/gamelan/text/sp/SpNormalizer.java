package dev.gamelan.text.sp;

import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.CharsMap;
import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;

/**
 * What SentencePiece does to a text first: the longest strings of its map are replaced,
 * user-defined tokens stay as they are, and spaces are trimmed, added and written U+2581 as the
 * model says.
 */
final class SpNormalizer {
  private static final byte[] SPACE = {' '};
  private static final byte[] MARK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};
  private final SpModel model;
  private final ByteTrie userDefined;
  private final byte[] space;

  SpNormalizer(SpModel model, ByteTrie userDefined) {
    this.model = model;
    this.userDefined = userDefined;
    this.space = model.escapesSpaces() ? MARK : SPACE;
  }

  /** The normalised {@code text[from, to)}; {@code start} for the beginning of a text. */
  byte[] apply(byte[] text, int from, int to, boolean start) {
    Buffer out = new Buffer(to - from + to / 4 + 16);
    CharsMap.Match match = new CharsMap.Match();
    int at = from;
    if (model.removesExtraSpaces()) {
      while (at < to) {
        int length = prefix(text, at, to, match);
        if (!isSpace(text, at, match)) {
          break;
        }
        at += length;
      }
    }
    if (at == to) {
      return new byte[0];
    }
    boolean adds = model.dummyPrefix() && start;
    if (adds && !model.spaceAsSuffix()) {
      out.add(space, 0, space.length);
    }
    boolean spaceBefore = model.removesExtraSpaces();
    while (at < to) {
      int length = prefix(text, at, to, match);
      boolean mapped = match.length > 0;
      byte[] source = mapped ? model.charsMap().replacements() : text;
      int p = mapped ? match.from : at;
      int end = mapped ? match.to : at + length;
      while (spaceBefore && p < end && source[p] == ' ') {
        p++;
      }
      if (p < end) {
        spaceBefore = source[end - 1] == ' ' && model.removesExtraSpaces();
        for (; p < end; p++) {
          if (source[p] == ' ') {
            out.add(space, 0, space.length);
          } else {
            out.add(source, p, p + 1);
          }
        }
      }
      at += length;
    }
    if (model.removesExtraSpaces()) {
      while (out.endsWith(space)) {
        out.size -= space.length;
      }
    }
    if (adds && model.spaceAsSuffix()) {
      out.add(space, 0, space.length);
    }
    return Arrays.copyOf(out.bytes, out.size);
  }

  // How much of the text goes on as one; what it becomes lies in the match, if that isn't empty.
  private int prefix(byte[] text, int at, int to, CharsMap.Match match) {
    match.length = 0;
    int end = userDefined.longest(text, at, to);
    if (end != ByteTrie.NONE) {
      return end - at;
    }
    return model.charsMap().find(text, at, to, false, match) ? match.length : Utf8.length(text[at]);
  }

  private boolean isSpace(byte[] text, int at, CharsMap.Match match) {
    return match.length == 0
        ? text[at] == ' ' && userDefined.child(ByteTrie.ROOT, text[at]) == ByteTrie.NONE
        : match.to - match.from == 1 && model.charsMap().replacements()[match.from] == ' ';
  }

  private static final class Buffer {
    private byte[] bytes;
    private int size;

    Buffer(int capacity) {
      bytes = new byte[capacity];
    }

    void add(byte[] source, int from, int to) {
      if (size + to - from > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.addExact(2 * bytes.length, to - from));
      }
      System.arraycopy(source, from, bytes, size, to - from);
      size += to - from;
    }

    boolean endsWith(byte[] end) {
      return size >= end.length
          && Arrays.equals(bytes, size - end.length, size, end, 0, end.length);
    }
  }
}
