package dev.gamelan.model;

import dev.gamelan.model.generate.KvCache;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Tape;

/**
 * The memory and work of a model, from the plans of its passes: nothing is allocated.
 *
 * @param parameters their number
 * @param kvCacheBytes keys and values (f32) of all sequences at the context; of layers with a
 *     window, of the window and one pass
 * @param forwardFlops of a token, the mean over the context, a multiply-add being two
 * @param trainingFlops of a token, forward and backward
 * @param scoringBytes activations of a pass over the batch without gradients
 * @param trainingActivationBytes activations and gradients of a training step on the batch
 */
public record Footprint(
    long parameters,
    long kvCacheBytes,
    double forwardFlops,
    double trainingFlops,
    long scoringBytes,
    long trainingActivationBytes) {

  /**
   * @param context tokens a sequence, at most the model's context
   * @param batch sequences, at least 1
   * @throws IllegalArgumentException if either is out of range
   */
  public static Footprint of(Decoder decoder, int context, int batch) {
    Plan forward =
        SequencePass.plan(
            decoder, batch, context, SequencePass.Output.LOG_PROBS, Tape.Purpose.INFERENCE);
    Plan training =
        SequencePass.plan(decoder, batch, context, SequencePass.Output.LOSS, Tape.Purpose.TRAINING);
    double tokens = (double) context * batch;
    return new Footprint(
        decoder.parameterCount(),
        batch * KvCache.bytes(decoder.spec(), context, 1),
        forward.cost().forward() / tokens,
        ((double) training.cost().forward() + training.cost().backward()) / tokens,
        forward.bytes(),
        training.bytes());
  }

  public long weightBytes(DType dtype) {
    return dtype.bytes(parameters);
  }

  /** Weights, gradients and both moments of AdamW in f32, and the activations of a step. */
  public long trainingBytes() {
    return 16 * parameters + trainingActivationBytes;
  }
}
