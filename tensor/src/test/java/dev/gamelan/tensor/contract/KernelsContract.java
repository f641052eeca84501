package dev.gamelan.tensor.contract;

import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/**
 * The whole contract. A backend's test is
 *
 * <pre>{@code
 * class VectorKernelsTest extends KernelsContract {
 *   @Override
 *   protected Kernels open(int threads, ComputeMode mode) {
 *     return new VectorProvider().open(threads, mode);
 *   }
 * }
 * }</pre>
 */
public abstract class KernelsContract {
  /** Opens the backend under test. */
  protected abstract Kernels open(int threads, ComputeMode mode);

  /** The modes that the backend offers. */
  protected Set<ComputeMode> modes() {
    return Set.of(ComputeMode.F32);
  }

  @Nested
  class Opening extends OpeningContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }

    @Override
    protected Set<ComputeMode> modes() {
      return KernelsContract.this.modes();
    }
  }

  @Nested
  class Products extends ProductContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }

    @Override
    protected Set<ComputeMode> modes() {
      return KernelsContract.this.modes();
    }
  }

  @Nested
  class Elements extends ElementContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }
  }

  @Nested
  class Norms extends NormContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }
  }

  @Nested
  class CachedAttention extends CachedAttentionContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }
  }

  @Nested
  class Experts extends ExpertContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }

    @Override
    protected Set<ComputeMode> modes() {
      return KernelsContract.this.modes();
    }
  }

  @Nested
  class Losses extends LossContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }

    @Override
    protected Set<ComputeMode> modes() {
      return KernelsContract.this.modes();
    }
  }

  @Nested
  class Optimizer extends OptimizerContract {
    @Override
    protected Kernels open(int threads, ComputeMode mode) {
      return KernelsContract.this.open(threads, mode);
    }
  }
}
