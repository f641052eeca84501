package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.train.TrainingSetup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan train}. */
@Command(
    name = "train",
    customSynopsis = "gamelan train --config FILE [--set KEY=VALUE]... [OPTIONS]",
    description = "Pretrain a model as a configuration file says, or go on where it stopped.",
    footer = {
      "",
      "Examples:",
      "  gamelan train --config docs/examples/pythia-tiny.json",
      "  gamelan train --config pythia-tiny.json --set steps=2000 --set run=runs/longer",
      "",
      "Started again with the same command, a run goes on from its newest good checkpoint: weights"
          + " and metrics.jsonl end up the same bits as if it had never stopped. Ctrl-C saves a"
          + " checkpoint first. The keys of the file: docs/training.md."
    })
final class TrainCommand extends Stage {
  @Mixin private KernelArguments kernels;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The run, as JSON.")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A value that goes before the file's; may be given several times.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  TrainCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    TrainingSetup setup = TrainingSetup.read(config, overrides);
    try (TokenDataset data = TokenDataset.open(setup.data());
        Kernels opened = kernels.open(shell())) {
      TrainingSession.Outcome outcome = TrainingSession.run(shell(), setup, data, opened);
      shell()
          .out()
          .printf(
              "%s: %d steps, model in %s%n",
              setup.run(), outcome.steps(), outcome.trainer().checkpoint(outcome.steps()));
      return outcome.complete() ? DONE : FAILED;
    }
  }
}
