package dev.gamelan.train;

import java.nio.file.Path;

/** The process that {@link KillAndResumeTest} kills: {@code ROOT RUN STEPS}. */
final class TinyRunMain {
  private TinyRunMain() {}

  static TrainingConfig config(long steps) {
    return TinyRun.config(steps, 4, 1, 1e-2, 5);
  }

  public static void main(String[] args) {
    TinyRun.run(
        Path.of(args[0]),
        Path.of(args[1]),
        config(Long.parseLong(args[2])),
        new TrainingListener() {
          @Override
          public void started(long step) {
            System.out.println("started " + step);
          }

          @Override
          public void note(String text) {
            System.out.println("note " + text);
          }
        },
        () -> false);
  }
}
