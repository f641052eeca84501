package dev.gamelan.kernels.x86.asm;

import java.util.ArrayList;
import java.util.List;

/** A place in the code that jumps name; bound once, by {@link Assembler#bind}. */
public final class Label {
  private static final int UNBOUND = -1;

  private int position = UNBOUND;
  private final List<Integer> patches = new ArrayList<>();

  boolean isBound() {
    return position != UNBOUND;
  }

  int position() {
    return position;
  }

  void bind(int at) {
    if (isBound()) {
      throw new IllegalStateException("label: bound twice, at %d and %d".formatted(position, at));
    }
    position = at;
  }

  /** Where the 32-bit distances to this label lie. */
  List<Integer> patches() {
    return patches;
  }
}
