package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskTree;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan eval show}. */
@Command(
    name = "show",
    description = "Show a task: its settings, and the prompts of its first documents.",
    footer = {"", "Example:", "  gamelan eval show hellaswag --data eval-data --documents 2"})
final class EvalShowCommand extends Stage {
  @Parameters(paramLabel = "TASK", description = "A task, group or tag.")
  private String name;

  @Mixin private EvalArguments where;

  @Option(
      names = {"--num-fewshot", "--num_fewshot"},
      paramLabel = "N",
      description = "Examples before each question (default: what the task says, else 0).")
  private Optional<Integer> numFewshot = Optional.empty();

  @Option(
      names = "--documents",
      defaultValue = "1",
      paramLabel = "N",
      description = "Documents whose prompts are shown; 0 = settings only (default: 1).")
  private int documents;

  EvalShowCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    TaskTree tree = TaskTree.of(where.tasks(), List.of(name));
    for (TaskTree.Group group : tree.groups()) {
      shell().out().println("group " + group.name() + ": " + String.join(", ", group.children()));
    }
    for (TaskConfig config : tree.tasks()) {
      shell().out().println(config.config().toPrettyString());
      if (documents > 0) {
        prompts(config);
      }
    }
    return DONE;
  }

  private void prompts(TaskConfig config) {
    Task task =
        new Task(
            config,
            where.datasets(shell()),
            dev.gamelan.eval.task.Hooks.Library.of(
                List.of(
                    new dev.gamelan.eval.code.CodeHooks(Optional.empty(), where.datasets(shell())),
                    new dev.gamelan.eval.safety.SafetyHooks(Optional.empty(), java.util.Set.of()),
                    new KnownHooks())),
            new Task.Prompting(numFewshot, 1234, "", Optional.empty(), true));
    shell().out().printf("%d documents, %d examples each%n", task.documents().size(), task.shots());
    for (ObjectNode document :
        task.documents().subList(0, Math.min(documents, task.documents().size()))) {
      List<Request> requests = task.requests(document, false, "");
      String shown = "";
      for (Request request : requests) {
        if (!request.prompt().equals(shown)) {
          shell().out().println("--- " + request.kind());
          shell().out().println(request.prompt());
          shown = request.prompt();
        }
        if (request instanceof Request.Loglikelihood l) {
          shell().out().println("  >" + l.continuation());
        }
      }
      shell().out().println("--- target");
      shell().out().println(task.target(document));
    }
  }
}
