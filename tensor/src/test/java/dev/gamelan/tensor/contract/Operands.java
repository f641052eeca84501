package dev.gamelan.tensor.contract;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Makes the operands of one call: the same values whatever the backend and the frame, because they
 * depend on the order of the requests alone. Around every operand stand canaries: NaN, so that
 * reading outside shows in results, and compared afterwards, so that writing outside does too.
 */
final class Operands {
  /** How an operand lies in memory. */
  enum Frame {
    /** Rows without gaps. */
    CONTIGUOUS(0, 0),
    /** A view that begins at an odd column, with gaps between its rows. */
    STRIDED(1, 2);

    final int left;
    final int right;

    Frame(int left, int right) {
      this.left = left;
      this.right = right;
    }
  }

  /** Which values operands get. */
  enum Values {
    /** Uniform in [−1, 1). */
    PLAIN,
    /** The magnitudes of PLAIN: a sum of products becomes Σ|a||b|. */
    ABSOLUTE,
    /** Multiples of 1/1024, so that a step added to one is exact; gradients begin at 0. */
    GRADIENT
  }

  /** One element of one operand that is moved. */
  record Nudge(int operand, int element, double by) {
    static final Nudge NONE = new Nudge(-1, 0, 0);
  }

  private static final int CANARY = 0x7FC0BEEF;
  private static final short SHORT_CANARY = 0x7FFF;
  private static final int INT_CANARY = 0x5EED;

  private record Operand(Tensor whole, Tensor view, boolean output, byte[] before) {}

  private record Pair(Tensor of, Tensor with) {}

  private final Frame frame;
  private final Values values;
  private final Nudge nudge;
  private final List<Operand> operands = new ArrayList<>();
  private final List<Pair> losses = new ArrayList<>();
  private final List<Pair> gradients = new ArrayList<>();

  Operands(Frame frame, Values values, Nudge nudge) {
    this.frame = frame;
    this.values = values;
    this.nudge = nudge;
  }

  /** A matrix of values in [−1, 1). */
  Tensor input(long rows, long columns) {
    return input(rows, columns, 1);
  }

  /** A matrix of values in [−scale, scale). */
  Tensor input(long rows, long columns, double scale) {
    return random(DType.F32, false, scale, rows, columns);
  }

  /** A vector of values in [−1, 1). */
  Tensor vector(long n) {
    return random(DType.F32, false, 1, n);
  }

  /** A matrix in a storage type. */
  Tensor weight(DType dtype, long rows, long columns) {
    return random(dtype, false, 1, rows, columns);
  }

  /** A matrix of odd multiples of 1/16 in (−1, 1): a distance from the kinks of ReLU and clamp. */
  Tensor stepped(long rows, long columns) {
    CounterRandom random = random();
    return operand(
        DType.F32,
        false,
        i -> (Math.floor(random.uniform(i) * 16) - 8 + 0.5) / 8,
        new long[] {rows, columns});
  }

  /** A matrix of given values, row after row, as often as they are needed. */
  Tensor given(long rows, long columns, double... given) {
    return operand(DType.F32, false, i -> given[i % given.length], new long[] {rows, columns});
  }

  /** An i32 vector. */
  Tensor ints(int n, IntUnaryOperator value) {
    return operand(DType.I32, false, value::applyAsInt, new long[] {n});
  }

  /** An i32 matrix. */
  Tensor ints(int rows, int columns, IntUnaryOperator value) {
    return operand(DType.I32, false, value::applyAsInt, new long[] {rows, columns});
  }

  /** A result, which holds values in [−1, 1) before. */
  Tensor output(long... extents) {
    return random(DType.F32, true, 1, extents);
  }

  /** A result in a storage type. */
  Tensor output(DType dtype, long rows, long columns) {
    return random(dtype, true, 1, rows, columns);
  }

  /** An i32 result, which holds −1 before. */
  Tensor outputInts(long... extents) {
    return operand(DType.I32, true, i -> -1, extents);
  }

  /** A gradient that flows into {@code y}: the loss of gradient checks is Σ of it times y. */
  Tensor cotangent(Tensor y) {
    Tensor dy = random(DType.F32, false, 1, y.shape().extents());
    losses.add(new Pair(y, dy));
    return dy;
  }

  /** Adds Σ y to the loss of gradient checks. */
  void sum(Tensor y) {
    float[] ones = new float[Math.toIntExact(y.elements())];
    Arrays.fill(ones, 1);
    losses.add(new Pair(y, Tensor.copyOf(ones, y.shape().extents())));
  }

  /** A vector of values in [0, 1). */
  Tensor positiveOutput(long n) {
    CounterRandom random = random();
    return operand(DType.F32, true, random::uniform, new long[] {n});
  }

  /** The result that holds the gradient of {@code x}; it begins at 0 in gradient checks. */
  Tensor gradientOf(Tensor x) {
    Tensor dx =
        values == Values.GRADIENT
            ? operand(DType.F32, true, i -> 0, x.shape().extents())
            : random(DType.F32, true, 1, x.shape().extents());
    gradients.add(new Pair(x, dx));
    return dx;
  }

  /** The results in the order of the requests. */
  List<Tensor> outputs() {
    return operands.stream().filter(Operand::output).map(Operand::view).toList();
  }

  /** The operands with a gradient, as numbers for a {@link Nudge}, and their gradients. */
  List<Gradient> gradients() {
    return gradients.stream().map(p -> new Gradient(indexOf(p.of), p.with)).toList();
  }

  record Gradient(int operand, Tensor gradient) {}

  /** Σ of every cotangent times what it flows into. */
  double loss() {
    double sum = 0;
    for (Pair pair : losses) {
      float[] y = pair.of.toFloats();
      float[] c = pair.with.toFloats();
      for (int i = 0; i < y.length; i++) {
        sum += (double) y[i] * c[i];
      }
    }
    return sum;
  }

  /** Fails if a byte outside the results has changed. */
  void assertNothingElseWritten() {
    for (int n = 0; n < operands.size(); n++) {
      Operand o = operands.get(n);
      byte[] after = o.whole.segment().toArray(ValueLayout.JAVA_BYTE);
      if (o.output && o.view.elements() > 0) {
        int size = o.view.dtype().bytesPerBlock();
        int begin = (int) (o.view.address() - o.whole.address());
        for (int r = 0; r < o.view.rows(); r++) {
          int at = begin + (int) (r * o.view.rowStride()) * size;
          System.arraycopy(o.before, at, after, at, (int) o.view.columns() * size);
        }
      }
      int changed = Arrays.mismatch(o.before, after);
      if (changed >= 0) {
        throw new AssertionError(
            "operand %d, %s, %s frame: byte %d %s was written"
                .formatted(
                    n,
                    o.view,
                    frame,
                    changed - (o.view.address() - o.whole.address()),
                    o.output ? "outside the result" : "of or beside an input"));
      }
    }
  }

  private int indexOf(Tensor x) {
    for (int n = 0; n < operands.size(); n++) {
      if (operands.get(n).view == x) {
        return n;
      }
    }
    throw new AssertionError("the gradient of a tensor that isn't an operand");
  }

  private CounterRandom random() {
    return new CounterRandom(0x5ca1a, operands.size());
  }

  private Tensor random(DType dtype, boolean output, double scale, long... extents) {
    CounterRandom random = random();
    return operand(dtype, output, i -> (2 * random.uniform(i) - 1) * scale, extents);
  }

  private interface Source {
    double at(int i);
  }

  private Tensor operand(DType dtype, boolean output, Source source, long[] extents) {
    boolean vector = extents.length == 1;
    long rows = vector ? 1 : extents[0];
    long columns = extents[extents.length - 1];
    for (int i = 1; i < extents.length - 1; i++) {
      rows *= extents[i];
    }
    Tensor whole =
        Tensor.allocate(Arena.ofAuto(), dtype, rows + 2, frame.left + columns + frame.right);
    canaries(whole);
    Tensor view = whole.rows(1, rows + 1).columns(frame.left, frame.left + columns);
    for (int i = 0; i < rows * columns; i++) {
      double value = value(source.at(i), i, dtype);
      if (dtype == DType.I32) {
        view.setInt(i / columns, i % columns, (int) value);
      } else {
        view.set(i / columns, i % columns, (float) value);
      }
    }
    if (vector || view.isContiguous()) {
      view = view.reshape(extents);
    }
    operands.add(new Operand(whole, view, output, whole.segment().toArray(ValueLayout.JAVA_BYTE)));
    return view;
  }

  private double value(double plain, int element, DType dtype) {
    if (dtype == DType.I32) {
      return plain;
    }
    double value =
        switch (values) {
          case PLAIN -> plain;
          case ABSOLUTE -> Math.abs(plain);
          case GRADIENT -> Math.rint(plain * 1024) / 1024;
        };
    boolean moved = nudge.operand() == operands.size() && nudge.element() == element;
    return moved ? value + nudge.by() : value;
  }

  private static void canaries(Tensor whole) {
    MemorySegment segment = whole.segment();
    for (long i = 0; i < whole.elements(); i++) {
      switch (whole.dtype()) {
        case F32 -> segment.setAtIndex(ValueLayout.JAVA_INT, i, CANARY);
        case I32 -> segment.setAtIndex(ValueLayout.JAVA_INT, i, INT_CANARY);
        case F16, BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, i, SHORT_CANARY);
        case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
            throw new IllegalArgumentException("no operation writes " + whole.dtype());
      }
    }
  }
}
