package dev.gamelan.app.console;

import dev.gamelan.text.train.TrainingProgress;
import java.time.Duration;
import java.util.OptionalLong;

/** The live line of a tokenizer's training: counting, then merging or pruning, with time left. */
public final class VocabularyProgress implements TrainingProgress, AutoCloseable {
  private static final long WINDOW = Duration.ofSeconds(10).toNanos();
  private final LiveLine line;
  private final WorkProgress reading;
  private Rate merges;

  /**
   * @param bytes how many bytes of text there are, where that is known
   */
  public VocabularyProgress(Shell shell, OptionalLong bytes) {
    line = new LiveLine(shell);
    reading = new WorkProgress(line, "counting words", bytes);
    merges = new Rate(WINDOW, line.now(), 0);
  }

  @Override
  public void counting(long bytes) {
    reading.reached(bytes);
    merges = new Rate(WINDOW, line.now(), 0);
  }

  @Override
  public void merging(int tokens, int wanted) {
    merges.reached(line.now(), tokens);
    double perSecond = merges.perSecond();
    line.show(
        () ->
            "merging  %d of %d tokens".formatted(tokens, wanted)
                + (perSecond > 0
                    ? "  %s/s  %s left"
                        .formatted(
                            Figures.count(perSecond),
                            Figures.time(
                                Duration.ofSeconds(Math.round((wanted - tokens) / perSecond))))
                    : ""));
  }

  @Override
  public void pruning(int tokens, int wanted) {
    line.show(() -> "pruning  %d tokens left of %d wanted".formatted(tokens, wanted));
  }

  /** Prints a line that stays, above the live one. */
  public void say(String note) {
    line.say(note);
  }

  @Override
  public void close() {
    line.close();
  }
}
