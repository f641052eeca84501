package dev.gamelan.data.shard;

import dev.gamelan.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** One id a byte (moved up by an offset, so that wide ids occur), and an end of sequence. */
record ByteTokenizer(int offset) implements Tokenizer {
  static final ByteTokenizer NARROW = new ByteTokenizer(0);
  static final ByteTokenizer WIDE = new ByteTokenizer(70_000);

  @Override
  public int vocabularySize() {
    return offset + 257;
  }

  @Override
  public int[] encode(String text, Special special) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = offset + (bytes[i] & 0xFF);
    }
    return ids;
  }

  @Override
  public String decode(int[] ids) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int id : ids) {
      out.writeBytes(bytes(id));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] bytes(int id) {
    return id == offset + 256 ? "<|eos|>".getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) id};
  }

  @Override
  public boolean isSpecial(int id) {
    return id == offset + 256;
  }

  @Override
  public OptionalInt id(String token) {
    return token.equals("<|eos|>") ? eos() : OptionalInt.empty();
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(offset + 256);
  }
}
