package dev.gamelan.model.generate;

import dev.gamelan.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * A vocabulary of 50: BOS, EOS, the letters a to z, some pairs of letters, a space, and the bytes
 * of "é" and "€" one by one, so that characters and stop strings cross the borders of tokens.
 */
record LetterTokenizer(boolean addsBos) implements Tokenizer {
  static final int BOS = 0;
  static final int EOS = 1;

  private static final byte[][] BYTES = bytes();

  private static byte[][] bytes() {
    byte[][] bytes = new byte[50][];
    bytes[BOS] = "<s>".getBytes(StandardCharsets.UTF_8);
    bytes[EOS] = "</s>".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 26; i++) {
      bytes[2 + i] = new byte[] {(byte) ('a' + i)};
    }
    bytes[28] = new byte[] {' '};
    byte[] parts = "é€".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < parts.length; i++) {
      bytes[29 + i] = new byte[] {parts[i]};
    }
    for (int i = 34; i < 50; i++) {
      bytes[i] = new byte[] {(byte) ('a' + i - 34), (byte) ('b' + i - 34)};
    }
    return bytes;
  }

  @Override
  public int vocabularySize() {
    return BYTES.length;
  }

  @Override
  public int[] encode(String text, Special special) {
    if (special == Special.PARSE && text.startsWith("<s>")) {
      int[] rest = encode(text.substring(3), special);
      int[] ids = new int[rest.length + 1];
      System.arraycopy(rest, 0, ids, 1, rest.length);
      return ids;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      for (int id = 2; id < 34; id++) {
        ids[i] = BYTES[id][0] == bytes[i] ? id : ids[i];
      }
    }
    return ids;
  }

  @Override
  public String decode(int[] ids) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int id : ids) {
      out.writeBytes(BYTES[id]);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] bytes(int id) {
    return Arrays.copyOf(BYTES[id], BYTES[id].length);
  }

  @Override
  public boolean isSpecial(int id) {
    return id == BOS || id == EOS;
  }

  @Override
  public OptionalInt id(String token) {
    return switch (token) {
      case "<s>" -> bos();
      case "</s>" -> eos();
      default -> OptionalInt.empty();
    };
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.of(BOS);
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(EOS);
  }
}
