package dev.gamelan.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Strict decoding that says where a text stops being one. */
final class Utf8 {
  private Utf8() {}

  /** A text, or what is wrong with it and where. */
  sealed interface Decoded {
    record Text(String text) implements Decoded {}

    /**
     * @param offset of the first bad byte, counted from the first byte given
     */
    record Bad(long offset, String what) implements Decoded {}
  }

  static Decoded decode(byte[] bytes, int from, int length) {
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    int nul = text.indexOf('\0');
    // A replacement character may be the text's own: only the strict decoder can tell.
    if (text.indexOf('\uFFFD') >= 0) {
      Optional<Decoded.Bad> bad = firstBad(bytes, from, length);
      if (bad.isPresent()) {
        long at = bad.get().offset();
        int before = indexOfNul(bytes, from, (int) at);
        return before >= 0 ? nulAt(before) : bad.get();
      }
    }
    return nul >= 0 ? nulAt(indexOfNul(bytes, from, length)) : new Decoded.Text(text);
  }

  private static Decoded nulAt(int offset) {
    return new Decoded.Bad(offset, "a NUL byte, so it is binary");
  }

  private static int indexOfNul(byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private static Optional<Decoded.Bad> firstBad(byte[] bytes, int from, int length) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
    CharBuffer out = CharBuffer.allocate(8192);
    while (true) {
      out.clear();
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        int at = in.position();
        return Optional.of(
            new Decoded.Bad(at - from, "byte 0x%02X, which is not UTF-8".formatted(bytes[at])));
      }
      if (result.isUnderflow()) {
        return Optional.empty();
      }
    }
  }
}
