package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** The ends a product can have. */
final class Epilogues {
  /** What is added to a product. */
  record Choice(String name, boolean accumulate, Optional<Operand> bias, Optional<Operand> addend) {
    float apply(float sum, Operand c, int i, int j) {
      float result = sum;
      if (accumulate) {
        result += c.at(i, j);
      }
      if (bias.isPresent()) {
        result += bias.get().at(0, j);
      }
      if (addend.isPresent()) {
        result += addend.get().at(i, j);
      }
      return result;
    }

    long biasAddress() {
      return bias.map(Operand::address).orElse(0L);
    }

    long addendAddress() {
      return addend.map(Operand::address).orElse(0L);
    }

    long addendRow() {
      return addend.map(matrix -> matrix.rowStride).orElse(0L);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final Choice NONE = new Choice("plain", false, Optional.empty(), Optional.empty());
  static final Choice ACCUMULATE =
      new Choice("accumulate", true, Optional.empty(), Optional.empty());

  private Epilogues() {}

  static List<Choice> all(Arena arena, Operand c) {
    Optional<Operand> bias = Optional.of(Operand.rowMajor(arena, 1, c.cols, 0, 3).random(71));
    Optional<Operand> other = Optional.of(Operand.rowMajor(arena, c.rows, c.cols, 2, 1).random(72));
    return List.of(
        NONE,
        ACCUMULATE,
        new Choice("bias", false, bias, Optional.empty()),
        new Choice("addend", false, Optional.empty(), other),
        new Choice("addend in place", false, Optional.empty(), Optional.of(c)),
        new Choice("accumulate, bias, addend", true, bias, other));
  }
}
