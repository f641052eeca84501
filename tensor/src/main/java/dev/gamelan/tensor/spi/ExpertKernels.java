package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;
import java.util.List;

/**
 * Mixture of experts: top-k routing, and products grouped by expert (Fedus et al., 2021; Jiang et
 * al., 2024).
 */
public interface ExpertKernels {
  /**
   * The k experts of largest logit of every row, largest first, the lower index among equals, and
   * their weights.
   *
   * @param logits [n, experts]
   * @param experts i32 [n, k], written
   * @param weights [n, k], written
   */
  void route(Tensor logits, Routing routing, Tensor experts, Tensor weights);

  /** dlogits (+)= the gradient through the weights; the choice itself has none. */
  void routeBackward(
      Tensor dweights,
      Tensor logits,
      Routing routing,
      Tensor experts,
      Tensor weights,
      boolean accumulate,
      Tensor dlogits);

  /**
   * How much the router gives to each expert: load[0, e] (+)= how many (row, choice) pairs chose e,
   * load[1, e] (+)= Σ over rows of softmax(logits)[e].
   *
   * @param logits [n, experts]
   * @param experts i32 [n, k]
   * @param load [2, experts]
   */
  void routerLoad(Tensor logits, Tensor experts, boolean accumulate, Tensor load);

  /**
   * The gradient of scale·Σₑ load[0, e]·load[1, e], load[0] being a constant: dlogits (+)=
   * scale·p⊙(load[0] − load[0]·p), p = softmax(logits).
   */
  void routerLoadBackward(
      Tensor logits, Tensor load, float scale, boolean accumulate, Tensor dlogits);

  /**
   * Sorts the (row, choice) pairs by expert, stably.
   *
   * @param experts i32 [n, k]
   * @param source i32 [n·k]: the row of each place in the sorted order
   * @param place i32 [n, k]: the place of each (row, choice) in it
   * @param offsets i32 [experts + 1]: where each expert's places begin
   */
  void sortByExpert(Tensor experts, Tensor source, Tensor place, Tensor offsets);

  /** For each expert e: y[offsets[e]…] = x[offsets[e]…]·Wₑᵀ. */
  void groupedLinear(Tensor x, Tensor offsets, List<Packed> weights, Tensor y);

  /** For each expert e: dx[offsets[e]…] (+)= dy[offsets[e]…]·Wₑ. */
  void groupedLinearBackwardInput(
      Tensor dy, Tensor offsets, List<Packed> weights, boolean accumulate, Tensor dx);

  /** For each expert e: dWₑ += dy[offsets[e]…]ᵀ·x[offsets[e]…]. */
  void groupedLinearBackwardWeight(
      Tensor dy, Tensor x, Tensor offsets, WeightLayout layout, List<Tensor> dweights);

  /** y[i] (+)= Σⱼ weights[i, j]·x[place[i, j]], in the order of j. */
  void combine(Tensor x, Tensor place, Tensor weights, boolean accumulate, Tensor y);

  /** dx[place[i, j]] = weights[i, j]·dy[i] and dweights[i, j] = dy[i]·x[place[i, j]]. */
  void combineBackward(
      Tensor dy, Tensor x, Tensor place, Tensor weights, Tensor dx, Tensor dweights);
}
