package dev.gamelan.text.train;

/** Told how far training is, on the thread that called for it. */
public interface TrainingProgress {
  /** Nobody is told. */
  TrainingProgress NONE =
      new TrainingProgress() {
        @Override
        public void counting(long bytes) {}

        @Override
        public void merging(int tokens, int wanted) {}
      };

  /** So many bytes of text have been cut into words. */
  void counting(long bytes);

  /** So many of the tokens wanted are known. */
  void merging(int tokens, int wanted);

  /** So many tokens are left of a unigram model that is to have so many. */
  default void pruning(int tokens, int wanted) {}
}
