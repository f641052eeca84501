package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The load-balancing loss of the routers of all layers (Fedus et al., 2021; as transformers' {@code
 * load_balancing_loss_func} has it for several choices a row): coefficient·E·Σₑ fₑ·Pₑ, with fₑ the
 * (row, choice) pairs that chose expert e and Pₑ its probabilities, each summed and divided by the
 * rows of all layers together. Like {@link HeadLoss} it is part of the step's loss by itself:
 * nothing seeds it.
 *
 * @param logits a router's [n, experts] a layer
 * @param experts i32 [n, k] a layer
 * @param load [2, experts]: the sums that become f and P; {@link #loss} makes the loss of them
 */
public record LoadBalance(List<Value> logits, List<Value> experts, float coefficient, Value load)
    implements Op {
  public LoadBalance {
    logits = List.copyOf(logits);
    experts = List.copyOf(experts);
  }

  /**
   * Records the loss of the routers.
   *
   * @return the load [2, experts]
   */
  public static Value apply(Tape tape, List<Experts.Assignment> routers, float coefficient) {
    Checks.require(
        !routers.isEmpty(), "load balance", "at least one router is needed", routers.size());
    List<Value> logits = routers.stream().map(Experts.Assignment::logits).toList();
    List<Value> experts = routers.stream().map(Experts.Assignment::experts).toList();
    Value load = tape.activation("expert load", 2, logits.getFirst().columns());
    tape.record(new LoadBalance(logits, experts, coefficient, load));
    return load;
  }

  /**
   * The loss, without its coefficient.
   *
   * @param load [2, experts], as {@link #apply} gives it
   * @param rows rows of all layers together
   */
  public static double loss(Tensor load, long rows) {
    double sum = 0;
    for (long e = 0; e < load.columns(); e++) {
      sum += (double) load.get(0, e) * load.get(1, e);
    }
    return sum * load.columns() / ((double) rows * rows);
  }

  @Override
  public String name() {
    return "load balance";
  }

  @Override
  public Effects effects() {
    List<Value> reads = new ArrayList<>(logits);
    reads.addAll(experts);
    List<Value> saved = new ArrayList<>(logits);
    saved.add(load);
    return Effects.of(reads, List.of(load)).backward(List.of(), logits, saved);
  }

  @Override
  public Cost cost() {
    Value one = logits.getFirst();
    return Cost.elementwise(effects(), logits.size() * one.rows() * one.columns(), 8);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor to = frame.tensor(load);
    List<Runnable> parts = new ArrayList<>();
    for (int i = 0; i < logits.size(); i++) {
      Tensor x = frame.tensor(logits.get(i));
      Tensor chosen = frame.tensor(experts.get(i));
      boolean accumulate = i > 0;
      parts.add(() -> kernels.routerLoad(x, chosen, accumulate, to));
    }
    return Op.sequence(parts);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor from = frame.tensor(load);
    double rows = (double) logits.size() * logits.getFirst().rows();
    float scale = (float) (coefficient * from.columns() / (rows * rows));
    List<Runnable> parts = new ArrayList<>();
    for (Value router : logits) {
      Tensor x = frame.tensor(router);
      frame
          .gradientTo(router)
          .ifPresent(
              g ->
                  parts.add(
                      () ->
                          kernels.routerLoadBackward(x, from, scale, g.accumulate(), g.tensor())));
    }
    return Op.sequence(parts);
  }
}
