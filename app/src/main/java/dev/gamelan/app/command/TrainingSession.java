package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Interruption;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Machine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.TrainingProgress;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.kernels.vector.MachinePeak;
import dev.gamelan.kernels.vector.Workers;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.train.Trainer;
import dev.gamelan.train.TrainingException;
import dev.gamelan.train.TrainingListener;
import dev.gamelan.train.TrainingSetup;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A training run as a command shows it: progress, notes, Ctrl-C. */
final class TrainingSession {
  /**
   * How it ended.
   *
   * @param trainer the run, to ask for its checkpoints
   * @param steps done in all
   * @param complete whether the last step was reached
   */
  record Outcome(Trainer trainer, long steps, boolean complete) {}

  private TrainingSession() {}

  /**
   * Runs to the end or to Ctrl-C.
   *
   * @throws TrainingException if the machine hasn't the memory, or the run cannot go on
   */
  static Outcome run(Shell shell, TrainingSetup setup, TokenDataset data, Kernels kernels) {
    long bytes = Trainer.bytes(setup.config(), setup.family());
    long room = Machine.availableMemory();
    if (bytes > room) {
      throw new TrainingException(
          "this run needs %s of memory for weights, gradients, moments and activations, and %s are free; make batch_size, sequence_length or the model smaller"
              .formatted(Figures.bytes(bytes), Figures.bytes(room)));
    }
    double flops = Trainer.flopsPerToken(setup.config(), setup.family());
    shell
        .err()
        .printf(
            "gamelan: train: %s of memory, %.1f MFLOP a token, %s (%s)%n",
            Figures.bytes(bytes), flops / 1e6, kernels.name(), kernels.hardware());
    try (LiveLine line = new LiveLine(shell);
        Interruption interruption =
            new Interruption(() -> line.say("gamelan: train: saving a checkpoint, then ending"))) {
      Watch watch = new Watch(line, setup, flops, peak(kernels));
      Trainer trainer =
          new Trainer(
              setup.config(),
              setup.family(),
              setup.from(),
              kernels,
              data,
              setup.run(),
              setup.tokenizer(),
              setup.prompts(),
              watch);
      long done = trainer.run(interruption);
      watch.finish();
      return new Outcome(trainer, done, done == setup.config().steps());
    }
  }

  private static OptionalDouble peak(Kernels kernels) {
    if (!kernels.name().equals("vector")) {
      return OptionalDouble.empty();
    }
    try (Workers workers = new Workers(kernels.threads())) {
      return OptionalDouble.of(1e9 * MachinePeak.measure(workers).gigaflopsTogether());
    }
  }

  /** Shows what the trainer tells. */
  private static final class Watch implements TrainingListener {
    private final LiveLine line;
    private final TrainingSetup setup;
    private final double flops;
    private final OptionalDouble peak;
    private Optional<TrainingProgress> progress = Optional.empty();

    Watch(LiveLine line, TrainingSetup setup, double flops, OptionalDouble peak) {
      this.line = line;
      this.setup = setup;
      this.flops = flops;
      this.peak = peak;
    }

    @Override
    public void started(long step) {
      if (step > 0) {
        line.say("gamelan: train: going on after step " + step);
      }
      progress =
          Optional.of(
              new TrainingProgress(
                  line,
                  step,
                  setup.config().steps(),
                  setup.config().tokensPerStep(),
                  OptionalDouble.of(flops),
                  peak));
    }

    @Override
    public void stepped(long step, double loss, double rate, double norm, long nanos) {
      progress.orElseThrow().step(step, loss);
    }

    @Override
    public void validated(long step, double loss) {
      line.say("step %d: validation loss %.4f nats a token".formatted(step, loss));
    }

    @Override
    public void sampled(long step, Map<String, String> texts) {
      texts.forEach(
          (prompt, text) -> line.say("step %d: %s→%s".formatted(step, shown(prompt), shown(text))));
    }

    private static String shown(String text) {
      String flat = text.replace('\n', '⏎');
      return flat.length() <= 100 ? flat : flat.substring(0, 100) + "…";
    }

    @Override
    public void note(String text) {
      line.say("gamelan: train: " + text);
    }

    void finish() {
      progress.ifPresent(TrainingProgress::finish);
    }
  }
}
