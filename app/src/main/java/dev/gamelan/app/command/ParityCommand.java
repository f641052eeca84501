package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.train.Parity;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan parity}. */
@Command(
    name = "parity",
    description = "Prove that a checkpoint runs here as in the reference implementation.",
    footer = {
      "",
      "Example:",
      "  gamelan parity ../shared/fixtures/families/pythia",
      "",
      "The folder holds a checkpoint and expected.safetensors: input_ids, logits, loss, grad.NAME,"
          + " greedy, adamw_losses, adamw_grad_norms; what is absent isn't compared.",
      "Exit status 1 if a difference is beyond its tolerance."
    })
final class ParityCommand extends Stage {
  @Mixin private KernelArguments kernels;

  @Parameters(
      arity = "1..*",
      paramLabel = "FOLDER",
      description = "Folders with a checkpoint and expected.safetensors.")
  private List<Path> folders = List.of();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ParityCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    ObjectNode all = JsonMapper.builder().build().createObjectNode();
    boolean holds = true;
    try (Kernels opened = kernels.open(shell())) {
      for (Path folder : folders) {
        List<Parity.Row> rows = Parity.check(folder, opened);
        boolean good = rows.stream().allMatch(Parity.Row::holds);
        holds &= good;
        if (json) {
          ObjectNode node = all.putObject(folder.toString()).put("holds", good);
          ArrayNode list = node.putArray("rows");
          for (Parity.Row row : rows) {
            list.addObject()
                .put("what", row.what())
                .put("difference", row.difference())
                .put("tolerance", row.tolerance())
                .put("holds", row.holds());
          }
        } else {
          table(folder, opened, rows, good);
        }
      }
    }
    if (json) {
      shell().out().println(all.toPrettyString());
    }
    return holds ? DONE : FAILED;
  }

  private void table(Path folder, Kernels opened, List<Parity.Row> rows, boolean good) {
    shell().out().printf("%s on %s (%s)%n", folder, opened.name(), opened.hardware());
    int width = rows.stream().mapToInt(r -> r.what().length()).max().orElse(0);
    for (Parity.Row row : rows) {
      shell()
          .out()
          .printf(
              "  %-" + width + "s  %10.3e  of %7.1e  %s%n",
              row.what(),
              row.difference(),
              row.tolerance(),
              row.holds() ? "ok" : "BEYOND");
    }
    shell().out().println(good ? "  parity holds" : "  parity does NOT hold");
  }
}
