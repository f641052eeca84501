package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Root-mean-square normalisation of every row, or of each of {@code groups} parts of it (Zhang and
 * Sennrich, 2019).
 *
 * @param weight [columns / groups]
 * @param rstd [n, groups], kept for the backward pass
 */
public record RmsNorm(Value x, Optional<Value> weight, int groups, float eps, Value y, Value rstd)
    implements Op {
  /** Records the norm into a new value. */
  public static Value apply(Tape tape, Value x, Optional<Value> weight, int groups, float eps) {
    Value y = tape.activation("rmsnorm", x.rows(), x.columns());
    apply(tape, x, weight, groups, eps, y);
    return y;
  }

  /** Records the norm into {@code y}, e.g. some columns of a wider value. */
  public static void apply(
      Tape tape, Value x, Optional<Value> weight, int groups, float eps, Value y) {
    Checks.require(
        groups > 0 && x.columns() % groups == 0,
        "rms norm",
        "the columns must be a multiple of the " + groups + " groups",
        x);
    Checks.sameShape("rms norm", x, y);
    weight.ifPresent(w -> Checks.vector("rms norm weight", w, x.columns() / groups));
    Value rstd = tape.activation("rstd", x.rows(), groups);
    tape.record(new RmsNorm(x, weight, groups, eps, y, rstd));
  }

  @Override
  public String name() {
    return "rmsnorm";
  }

  @Override
  public Effects effects() {
    List<Value> reads = new ArrayList<>(List.of(x));
    reads.addAll(Op.present(weight));
    return Effects.of(reads, List.of(y, rstd)).backward(List.of(y), reads, List.of(x, rstd));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), y.rows() * y.columns(), 4);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(x);
    Optional<Tensor> w = frame.tensor(weight);
    Tensor out = frame.tensor(y);
    Tensor r = frame.tensor(rstd);
    return () -> kernels.rmsNorm(in, w, groups, eps, out, r);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor in = frame.tensor(x);
    Optional<Tensor> w = frame.tensor(weight);
    Tensor r = frame.tensor(rstd);
    Optional<Tensor> dw = frame.gradientTo(weight).map(Frame.Gradient::tensor);
    Frame.Gradient dx = frame.gradientTo(x).orElseThrow();
    return () -> kernels.rmsNormBackward(dy, in, w, groups, r, dx.accumulate(), dx.tensor(), dw);
  }
}
