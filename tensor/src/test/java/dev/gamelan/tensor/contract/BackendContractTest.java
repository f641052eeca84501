package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.contract.BackendContract.Call;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The contract catches backends that break it. */
class BackendContractTest {
  private static final Call SCALE = (k, o) -> k.scale(o.input(7, 13), 2, o.output(7, 13));

  @Test
  void a_wrong_element_is_caught() {
    assertThatThrownBy(
            () ->
                broken(y -> y.set(3, 4, y.get(3, 4) + 1e-5f))
                    .agrees("scale", Tolerance.of(1e-6, 1e-6), SCALE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("element 43 is");
    assertThatThrownBy(
            () -> broken(y -> y.set(6, 12, Float.NaN)).agrees("scale", Tolerance.of(1, 1), SCALE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("element 90 is NaN");
  }

  @Test
  void a_write_beside_the_result_is_caught_in_gaps_and_at_both_ends() {
    for (long offset : new long[] {-1, 13, 6 * 16 + 13}) {
      // The frame without gaps comes first: spare it where the gap is meant.
      Consumer<Tensor> beside =
          y -> {
            if (offset < 0 || y.rowStride() == 16) {
              poke(y, offset);
            }
          };
      assertThatThrownBy(() -> broken(beside).agrees("scale", Tolerance.EXACT, SCALE))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("byte %d outside the result", offset * 4);
    }
  }

  @Test
  void a_write_to_an_input_is_caught() {
    BackendContract contract =
        contract(
            threads ->
                wrap(
                    (kernels, method, arguments) -> {
                      if (method.equals("scale")) {
                        ((Tensor) arguments[0]).set(0, 0, 9);
                      }
                    }));
    assertThatThrownBy(() -> contract.agrees("scale", Tolerance.EXACT, SCALE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("of or beside an input");
  }

  @Test
  void bits_that_depend_on_the_threads_are_caught() {
    BackendContract contract =
        contract(
            threads ->
                wrap(
                    (kernels, method, arguments) -> {
                      if (method.equals("scale")) {
                        Tensor y = (Tensor) arguments[2];
                        y.set(0, 0, threads == 3 ? Math.nextUp(y.get(0, 0)) : y.get(0, 0));
                      }
                    }));
    assertThatThrownBy(() -> contract.sameBitsWithAnyThreads("scale", SCALE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("3 threads, result 0: element 0");
  }

  @Test
  void a_wrong_and_a_missing_gradient_are_caught() {
    assertThatThrownBy(() -> broken(y -> {}).gradientsAgree("scale", scaleWithGradient(2.1f)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("gradient of operand 0");
    assertThatThrownBy(() -> broken(y -> {}).gradientsAgree("scale", SCALE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no gradient to check");
    broken(y -> {}).gradientsAgree("scale", scaleWithGradient(2));
  }

  private static Call scaleWithGradient(float slope) {
    return (k, o) -> {
      Tensor x = o.input(3, 5);
      Tensor y = o.output(3, 5);
      k.scale(x, 2, y);
      k.scale(o.cotangent(y), slope, o.gradientOf(x));
    };
  }

  /** A scalar backend that spoils what scale has written. */
  private static BackendContract broken(Consumer<Tensor> spoil) {
    return contract(
        threads ->
            wrap(
                (kernels, method, arguments) -> {
                  if (method.equals("scale")) {
                    spoil.accept((Tensor) arguments[2]);
                  }
                }));
  }

  private interface Opener {
    Kernels open(int threads);
  }

  private interface After {
    void call(Kernels kernels, String method, Object[] arguments);
  }

  private static BackendContract contract(Opener opener) {
    BackendContract contract =
        new BackendContract() {
          @Override
          protected Kernels open(int threads, ComputeMode mode) {
            return opener.open(threads);
          }
        };
    contract.openBackends();
    return contract;
  }

  private static Kernels wrap(After after) {
    Kernels scalar = new ScalarProvider().open(1, ComputeMode.F32);
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(scalar, arguments);
                after.call(scalar, method.getName(), arguments);
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Writes a float {@code offset} elements after the first of {@code y}, in bounds or not. */
  @SuppressWarnings("restricted")
  private static void poke(Tensor y, long offset) {
    MemorySegment.ofAddress(y.address() + offset * 4)
        .reinterpret(4)
        .set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 7);
  }
}
