package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.family.About;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Presets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gamelan families}. */
@Command(
    name = "families",
    description = "List the model families that load, and the presets of each.",
    footer = {
      "",
      "Examples:",
      "  gamelan families",
      "  gamelan families --markdown",
      "",
      "gamelan plan takes the presets by name. docs/families.md says how a family is added."
    })
final class FamiliesCommand extends Stage {
  @Option(names = "--markdown", description = "Print the table of docs/families.md.")
  private boolean markdown;

  FamiliesCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    Presets presets = Presets.load();
    if (markdown) {
      shell().out().println("| Family | Architecture | Published | What differs | Presets |");
      shell().out().println("|---|---|---|---|---|");
    }
    for (About about : Families.about()) {
      String architectures = String.join(", ", Families.architectures(about));
      String names = String.join(", ", presets.of(about));
      if (markdown) {
        shell()
            .out()
            .printf(
                "| %s | %s | %s | %s | %s |%n",
                about.title(), architectures, about.paper(), about.differs(), names);
      } else {
        shell().out().println(about.title());
        shell().out().println("  architecture  " + architectures);
        shell().out().println("  published     " + about.paper());
        shell().out().println("  differs       " + about.differs());
        if (!names.isEmpty()) {
          shell().out().println("  presets       " + names);
        }
      }
    }
    return DONE;
  }
}
