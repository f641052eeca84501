package dev.gamelan.train;

import java.util.Map;

/** Hears what happens in a run, in its thread. Every method may be left as it is. */
public interface TrainingListener {
  /** The run begins, or goes on, after {@code step} steps. */
  default void started(long step) {}

  /**
   * A step was made.
   *
   * @param step from 1
   * @param loss mean cross-entropy, nats a token
   * @param rate the learning rate
   * @param gradientNorm before clipping
   * @param nanos that the step took
   */
  default void stepped(long step, double loss, double rate, double gradientNorm, long nanos) {}

  /** The validation loss, nats a token. */
  default void validated(long step, double loss) {}

  /** Texts that the model wrote, by prompt. */
  default void sampled(long step, Map<String, String> texts) {}

  /** A checkpoint is on the disk. */
  default void saved(long step) {}

  /** Something that a user should know, e.g. a damaged checkpoint that was passed over. */
  default void note(String text) {}
}
