package dev.gamelan.eval.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

final class PassAtKTest {
  private static BigInteger choose(int n, int k) {
    BigInteger result = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      result = result.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return result;
  }

  @Test
  void it_is_one_minus_the_chance_that_all_k_are_wrong() {
    for (int n = 1; n <= 64; n++) {
      for (int c = 0; c <= n; c++) {
        for (int k = 1; k <= n; k++) {
          double wrong =
              n - c < k ? 0 : choose(n - c, k).doubleValue() / choose(n, k).doubleValue();
          assertThat(PassAtK.of(n, c, k)).isEqualTo(1 - wrong, within(1e-12));
        }
      }
    }
  }

  @Test
  void more_than_there_are_samples_is_refused() {
    assertThatThrownBy(() -> PassAtK.of(3, 1, 4)).hasMessageContaining("repeats");
    assertThatThrownBy(() -> PassAtK.of(3, 4, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
