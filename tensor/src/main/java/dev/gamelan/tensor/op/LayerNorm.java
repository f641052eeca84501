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
 * Layer normalisation of every row (Ba et al., 2016), with or without weight and bias (OLMo has
 * neither).
 *
 * @param weight [d]
 * @param bias [d]
 * @param mean [n, 1], kept for the backward pass
 * @param rstd [n, 1], likewise
 */
public record LayerNorm(
    Value x,
    Optional<Value> weight,
    Optional<Value> bias,
    float eps,
    Value y,
    Value mean,
    Value rstd)
    implements Op {
  /** Records the norm into a new value. */
  public static Value apply(
      Tape tape, Value x, Optional<Value> weight, Optional<Value> bias, float eps) {
    Value y = tape.activation("layernorm", x.rows(), x.columns());
    apply(tape, x, weight, bias, eps, y);
    return y;
  }

  /** Records the norm into {@code y}, e.g. some columns of a wider value. */
  public static void apply(
      Tape tape, Value x, Optional<Value> weight, Optional<Value> bias, float eps, Value y) {
    Checks.sameShape("layer norm", x, y);
    weight.ifPresent(w -> Checks.vector("layer norm weight", w, x.columns()));
    bias.ifPresent(b -> Checks.vector("layer norm bias", b, x.columns()));
    Value mean = tape.activation("mean", x.rows(), 1);
    Value rstd = tape.activation("rstd", x.rows(), 1);
    tape.record(new LayerNorm(x, weight, bias, eps, y, mean, rstd));
  }

  @Override
  public String name() {
    return "layernorm";
  }

  @Override
  public Effects effects() {
    List<Value> parameters = Op.present(weight, bias);
    List<Value> reads = new ArrayList<>(List.of(x));
    reads.addAll(parameters);
    List<Value> saved = new ArrayList<>(List.of(x, mean, rstd));
    return Effects.of(reads, List.of(y, mean, rstd)).backward(List.of(y), reads, saved);
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), y.rows() * y.columns(), 8);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(x);
    Optional<Tensor> w = frame.tensor(weight);
    Optional<Tensor> b = frame.tensor(bias);
    Tensor out = frame.tensor(y);
    Tensor m = frame.tensor(mean);
    Tensor r = frame.tensor(rstd);
    return () -> kernels.layerNorm(in, w, b, eps, out, m, r);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor in = frame.tensor(x);
    Optional<Tensor> w = frame.tensor(weight);
    Tensor m = frame.tensor(mean);
    Tensor r = frame.tensor(rstd);
    Optional<Tensor> dw = frame.gradientTo(weight).map(Frame.Gradient::tensor);
    Optional<Tensor> db = frame.gradientTo(bias).map(Frame.Gradient::tensor);
    Frame.Gradient dx = frame.gradientTo(x).orElseThrow();
    return () -> kernels.layerNormBackward(dy, in, w, m, r, dx.accumulate(), dx.tensor(), dw, db);
  }
}
