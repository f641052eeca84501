package dev.gamelan.tensor.spi;

/** How the weights of the chosen experts come from the router's logits. */
public enum Routing {
  /** Softmax over the chosen logits only: Mixtral. */
  SOFTMAX_OF_CHOSEN,
  /** Softmax over all, the chosen probabilities as they are: Qwen 2-MoE without norm_topk_prob. */
  SOFTMAX_OF_ALL
}
