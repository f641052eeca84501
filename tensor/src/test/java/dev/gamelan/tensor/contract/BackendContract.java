package dev.gamelan.tensor.contract;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.contract.Operands.Frame;
import dev.gamelan.tensor.contract.Operands.Gradient;
import dev.gamelan.tensor.contract.Operands.Nudge;
import dev.gamelan.tensor.contract.Operands.Values;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the parts of the contract share: a backend under test, the reference, and comparisons. */
public abstract class BackendContract {
  /** Below, at and above the widths of vectors, and no multiple of anything. */
  static final int[] SIZES = {1, 2, 7, 13, 16, 17, 31, 33, 64, 207};

  /** A step of finite differences; inputs of gradient checks are multiples of 1/1024. */
  private static final double STEP = 1.0 / 64;

  /** The backend under test, with two threads. */
  Kernels kernels;

  /** The scalar backend in mode f32. */
  Kernels reference;

  /** Opens the backend under test. */
  protected abstract Kernels open(int threads, ComputeMode mode);

  /** The modes that the backend offers. */
  protected Set<ComputeMode> modes() {
    return Set.of(ComputeMode.F32);
  }

  @BeforeEach
  void openBackends() {
    kernels = open(2, ComputeMode.F32);
    reference = new ScalarProvider().open(1, ComputeMode.F32);
  }

  @AfterEach
  void closeBackends() {
    kernels.close();
    reference.close();
  }

  /** One call of operations, its operands included: it can be made again on another backend. */
  interface Call {
    void run(Kernels k, Operands o);
  }

  /** A call for each of three sizes. */
  interface Sized {
    void at(int n, int a, int b, int variant);
  }

  /** Every pair of {@link #SIZES} in every two of three places, and a large one in each place. */
  static void forSizes(Sized test) {
    int variant = 0;
    for (int i = 0; i < SIZES.length; i++) {
      for (int j = 0; j < SIZES.length; j++) {
        test.at(SIZES[i], SIZES[j], SIZES[(i + j) % SIZES.length], variant++);
      }
    }
    test.at(3, 4098, 5, variant++);
    test.at(3, 5, 4098, variant++);
    test.at(4098, 3, 5, variant);
  }

  /** A call for each of two sizes. */
  interface Plane {
    void at(int rows, int columns, int variant);
  }

  /** Every pair of {@link #SIZES}, and a large one in each place. */
  static void forPlanes(Plane test) {
    int variant = 0;
    for (int rows : SIZES) {
      for (int columns : SIZES) {
        test.at(rows, columns, variant++);
      }
    }
    test.at(3, 4098, variant++);
    test.at(4098, 3, variant);
  }

  /** The backend's results are the reference's, in every frame, and nothing else is written. */
  void agrees(String what, Tolerance tolerance, Call call) {
    agrees(what, kernels, reference, tolerance, call);
  }

  static void agrees(
      String what, Kernels kernels, Kernels reference, Tolerance tolerance, Call call) {
    Operands expected = run(reference, Frame.CONTIGUOUS, Values.PLAIN, Nudge.NONE, call);
    List<Tensor> magnitudes =
        tolerance.terms() > 0
            ? run(reference, Frame.CONTIGUOUS, Values.ABSOLUTE, Nudge.NONE, call).outputs()
            : expected.outputs();
    for (Frame frame : Frame.values()) {
      Operands actual = run(kernels, frame, Values.PLAIN, Nudge.NONE, call);
      actual.assertNothingElseWritten();
      for (int n = 0; n < expected.outputs().size(); n++) {
        String name = "%s, %s frame, result %d".formatted(what, frame, n);
        Tensor result = actual.outputs().get(n);
        if (result.dtype() == DType.I32) {
          if (!Arrays.equals(result.toInts(), expected.outputs().get(n).toInts())) {
            throw new AssertionError(
                "%s: %s, the reference says %s"
                    .formatted(
                        name,
                        Arrays.toString(result.toInts()),
                        Arrays.toString(expected.outputs().get(n).toInts())));
          }
        } else {
          tolerance.check(
              name,
              result.toFloats(),
              expected.outputs().get(n).toFloats(),
              magnitudes.get(n).toFloats());
        }
      }
    }
  }

  /** 1, 2 and 3 threads give the same bits. */
  void sameBitsWithAnyThreads(String what, Call call) {
    for (ComputeMode mode : modes()) {
      try (Kernels one = open(1, mode)) {
        Operands expected = run(one, Frame.CONTIGUOUS, Values.PLAIN, Nudge.NONE, call);
        for (int threads : new int[] {2, 3}) {
          try (Kernels many = open(threads, mode)) {
            Operands actual = run(many, Frame.STRIDED, Values.PLAIN, Nudge.NONE, call);
            for (int n = 0; n < expected.outputs().size(); n++) {
              assertSameBits(
                  "%s, %s, %d threads, result %d".formatted(what, mode, threads, n),
                  actual.outputs().get(n),
                  expected.outputs().get(n));
            }
          }
        }
      }
    }
  }

  /**
   * The gradients that the backend gives are those of Σ cotangent·result, found by central
   * differences of fourth order of the reference's forward pass.
   */
  void gradientsAgree(String what, Call call) {
    Operands analytic = run(kernels, Frame.STRIDED, Values.GRADIENT, Nudge.NONE, call);
    for (Gradient gradient : analytic.gradients()) {
      float[] actual = gradient.gradient().toFloats();
      float[] numeric = new float[actual.length];
      double largest = 0;
      for (int i = 0; i < actual.length; i++) {
        double near =
            loss(call, gradient.operand(), i, STEP) - loss(call, gradient.operand(), i, -STEP);
        double far =
            loss(call, gradient.operand(), i, 2 * STEP)
                - loss(call, gradient.operand(), i, -2 * STEP);
        numeric[i] = (float) ((8 * near - far) / (12 * STEP));
        largest = Math.max(largest, Math.abs(numeric[i]));
      }
      if (largest < 1e-3) {
        throw new AssertionError(what + ": no gradient to check of operand " + gradient.operand());
      }
      Tolerance.of(0, 2e-4 * (1 + largest))
          .check(
              "%s, gradient of operand %d".formatted(what, gradient.operand()),
              actual,
              numeric,
              numeric);
    }
    if (analytic.gradients().isEmpty()) {
      throw new AssertionError(what + ": no gradient to check");
    }
  }

  private double loss(Call call, int operand, int element, double by) {
    return run(reference, Frame.CONTIGUOUS, Values.GRADIENT, new Nudge(operand, element, by), call)
        .loss();
  }

  private static Operands run(Kernels kernels, Frame frame, Values values, Nudge nudge, Call call) {
    Operands operands = new Operands(frame, values, nudge);
    call.run(kernels, operands);
    kernels.finish();
    return operands;
  }

  /** Operands for calls that a test makes by itself. */
  static Operands operands() {
    return new Operands(Frame.CONTIGUOUS, Values.PLAIN, Nudge.NONE);
  }

  static void assertSameBits(String what, Tensor actual, Tensor expected) {
    float[] a = actual.toFloats();
    float[] e = expected.toFloats();
    if (a.length != e.length) {
      throw new AssertionError(what + ": " + a.length + " elements, not " + e.length);
    }
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToIntBits(a[i]) != Float.floatToIntBits(e[i])) {
        throw new AssertionError(
            "%s: element %d is %s, not %s: the bits differ".formatted(what, i, a[i], e[i]));
      }
    }
  }

  /** Elements {@code from} to {@code to} of a vector, as a vector. */
  static Tensor slice(Tensor vector, long from, long to) {
    return vector.columns(from, to).reshape(to - from);
  }
}
