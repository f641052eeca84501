package dev.gamelan.train;

/**
 * What a training run is. The names are those of the keys in a configuration file; see {@link
 * TrainingSetup}.
 *
 * @param sequence_length tokens a sequence
 * @param batch_size sequences that ride in one pass
 * @param gradient_accumulation passes a step; the gradient is the mean over all their tokens
 * @param steps of the whole run
 * @param learning_rate the peak
 * @param schedule how it falls
 * @param warmup_steps of the rise
 * @param final_learning_rate the floor, as a share of the peak
 * @param adam_beta1 decay of the first moment
 * @param adam_beta2 decay of the second moment
 * @param adam_epsilon added to √v̂
 * @param weight_decay decoupled; none on norms and biases
 * @param gradient_clip the largest norm of the gradient; 0 = any
 * @param initializer how parameters begin
 * @param seed of initial weights, data order, split and samples
 * @param validation_fraction share of the tokens that is held out
 * @param validation_every steps between validations; 0 = only at the end
 * @param validation_sequences sequences a validation, always the same
 * @param checkpoint_every steps between checkpoints; 0 = only at the end
 * @param checkpoint_log_spaced also at steps 0, 1, 2, 4, 8, …, as Pythia
 * @param keep_optimizer_states how many of the newest checkpoints can be resumed
 * @param sample_every steps between samples; 0 = only at the end
 * @param sample_tokens tokens a sample
 */
public record TrainingConfig(
    int sequence_length,
    int batch_size,
    int gradient_accumulation,
    long steps,
    double learning_rate,
    Schedule.Decay schedule,
    long warmup_steps,
    double final_learning_rate,
    double adam_beta1,
    double adam_beta2,
    double adam_epsilon,
    double weight_decay,
    double gradient_clip,
    Initializer initializer,
    long seed,
    double validation_fraction,
    long validation_every,
    int validation_sequences,
    long checkpoint_every,
    boolean checkpoint_log_spaced,
    int keep_optimizer_states,
    long sample_every,
    int sample_tokens) {

  public TrainingConfig {
    atLeast("sequence_length", sequence_length, 1);
    atLeast("batch_size", batch_size, 1);
    atLeast("gradient_accumulation", gradient_accumulation, 1);
    atLeast("steps", steps, 1);
    atLeast("validation_every", validation_every, 0);
    atLeast("validation_sequences", validation_sequences, 1);
    atLeast("checkpoint_every", checkpoint_every, 0);
    atLeast("keep_optimizer_states", keep_optimizer_states, 1);
    atLeast("sample_every", sample_every, 0);
    atLeast("sample_tokens", sample_tokens, 1);
    share("adam_beta1", adam_beta1);
    share("adam_beta2", adam_beta2);
    share("weight_decay", weight_decay);
    share("validation_fraction", validation_fraction);
    if (!(validation_fraction > 0)) {
      throw new IllegalArgumentException(
          "config: validation_fraction is %s; it must be above 0 and below 1"
              .formatted(validation_fraction));
    }
    if (!(adam_epsilon > 0) || !(gradient_clip >= 0)) {
      throw new IllegalArgumentException(
          "config: adam_epsilon is %s and gradient_clip %s; the first must be positive, the second not negative"
              .formatted(adam_epsilon, gradient_clip));
    }
    new Schedule(schedule, learning_rate, warmup_steps, steps, final_learning_rate);
  }

  private static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "config: %s is %d; it must be at least %d".formatted(key, value, least));
    }
  }

  private static void share(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "config: %s is %s; it must lie in [0, 1)".formatted(key, value));
    }
  }

  /** Pythia's recipe for a run of so many steps, at a learning rate and batch of your choice. */
  public static TrainingConfig pythia(
      int sequenceLength, int batchSize, long steps, double learningRate, long seed) {
    return new TrainingConfig(
        sequenceLength,
        batchSize,
        1,
        steps,
        learningRate,
        Schedule.Decay.COSINE,
        Math.max(1, steps / 100),
        0.1,
        0.9,
        0.95,
        1e-8,
        0.1,
        1.0,
        Initializer.SMALL,
        seed,
        0.02,
        Math.max(1, steps / 20),
        32,
        Math.max(1, steps / 10),
        true,
        2,
        Math.max(1, steps / 10),
        64);
  }

  Schedule rates() {
    return new Schedule(schedule, learning_rate, warmup_steps, steps, final_learning_rate);
  }

  /** Tokens that one step learns from. */
  public long tokensPerStep() {
    return (long) sequence_length * batch_size * gradient_accumulation;
  }

  boolean checkpointAt(long step) {
    return step == steps
        || checkpoint_every > 0 && step % checkpoint_every == 0
        || checkpoint_log_spaced && (step == 0 || Long.bitCount(step) == 1 && step <= 512);
  }

  boolean validateAt(long step) {
    return step == steps || validation_every > 0 && step % validation_every == 0;
  }

  boolean sampleAt(long step) {
    return step == steps || sample_every > 0 && step % sample_every == 0;
  }

  Optimizer.Settings optimizer() {
    return new Optimizer.Settings(
        adam_beta1, adam_beta2, adam_epsilon, weight_decay, false, gradient_clip);
  }
}
