package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.task.TaskIndex;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gamelan eval tasks}. */
@Command(
    name = "tasks",
    description = "List tasks, groups and tags that can be evaluated.",
    footer = {"", "Example:", "  gamelan eval tasks --include-path my-tasks"})
final class EvalTasksCommand extends Stage {
  @Mixin private EvalArguments where;

  EvalTasksCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    TaskIndex index = where.tasks();
    int width = index.entries().stream().mapToInt(e -> e.name().length()).max().orElse(0);
    for (TaskIndex.Entry entry : index.entries()) {
      shell()
          .out()
          .printf(
              "%-" + width + "s  %-5s  %s%n",
              entry.name(),
              entry.kind().name().toLowerCase(Locale.ROOT),
              entry.builtIn() ? "built in" : entry.file().map(Object::toString).orElse(""));
    }
    for (String problem : index.unreadable()) {
      shell()
          .err()
          .println("gamelan: eval tasks: passed over: " + problem.lines().findFirst().orElse(""));
    }
    return DONE;
  }
}
