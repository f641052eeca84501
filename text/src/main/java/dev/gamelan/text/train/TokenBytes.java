package dev.gamelan.text.train;

import java.util.Arrays;

/** The bytes of every token, and their order as unsigned strings. */
final class TokenBytes {
  private byte[][] bytes = new byte[1024][];
  // The first eight bytes, zeros after the end: decides most comparisons.
  private long[] heads = new long[1024];
  private int size;

  int add(byte[] token) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * size);
      heads = Arrays.copyOf(heads, 2 * size);
    }
    long head = 0;
    for (int i = 0; i < 8; i++) {
      head = head << 8 | (i < token.length ? token[i] & 0xFF : 0);
    }
    bytes[size] = token;
    heads[size] = head;
    return size++;
  }

  int size() {
    return size;
  }

  int length(int token) {
    return bytes[token].length;
  }

  byte[] concat(int left, int right) {
    byte[] out = Arrays.copyOf(bytes[left], bytes[left].length + bytes[right].length);
    System.arraycopy(bytes[right], 0, out, bytes[left].length, bytes[right].length);
    return out;
  }

  int compare(int a, int b) {
    if (a == b) {
      return 0;
    }
    int c = Long.compareUnsigned(heads[a], heads[b]);
    return c != 0 ? c : Arrays.compareUnsigned(bytes[a], bytes[b]);
  }

  /** The bytes of a token. Not to be changed. */
  byte[] bytes(int token) {
    return bytes[token];
  }
}
