package dev.gamelan.data.shard;

import dev.gamelan.text.Tokenizer;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/** A tokenizer that gives one id, which a function decides. */
record BrokenTokenizer(IntUnaryOperator ids) implements Tokenizer {
  @Override
  public int vocabularySize() {
    return 10;
  }

  @Override
  public int[] encode(String text, Special special) {
    return new int[] {ids.applyAsInt(0)};
  }

  @Override
  public String decode(int[] given) {
    return "";
  }

  @Override
  public byte[] bytes(int id) {
    return new byte[0];
  }

  @Override
  public boolean isSpecial(int id) {
    return false;
  }

  @Override
  public OptionalInt id(String token) {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(9);
  }
}
