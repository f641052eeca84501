package dev.gamelan.app.command;

import dev.gamelan.app.console.Logging;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.Version;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The command line: which commands there are, in the order of the tour, and how they are run. */
public final class Stages {
  private final Shell shell;
  private final Root root = new Root();
  private final CommandLine line = new CommandLine(root);

  private Stages(Shell shell) {
    this.shell = shell;
    commands(shell).forEach(line::addSubcommand);
    Failures failures = new Failures(shell, root);
    line.setOut(new PrintWriter(shell.out(), true))
        .setErr(new PrintWriter(shell.err(), true))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(shell.outHasColour() ? Ansi.ON : Ansi.OFF))
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .registerConverter(ModelName.class, ModelName::new)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // A text may begin with an at sign.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(failures::onParameters)
        .setExecutionExceptionHandler(failures::onExecution)
        .setExecutionStrategy(this::execute);
    inOrderOfDeclaration(line);
    line.getCommandSpec().versionProvider(() -> Version.lines(shell.home()).toArray(new String[0]));
  }

  /** Options stand as their classes have them: what matters most comes first. */
  private static void inOrderOfDeclaration(CommandLine command) {
    command.getCommandSpec().usageMessage().sortOptions(false).sortSynopsis(false);
    command.getSubcommands().values().forEach(Stages::inOrderOfDeclaration);
  }

  /** Every command, as {@code --help} lists them. */
  private static List<Object> commands(Shell shell) {
    return List.of(
        new TourCommand(shell),
        TokenizerCommand.line(shell),
        ChatTemplateCommand.line(shell),
        DataCommand.line(shell),
        new TrainCommand(shell),
        new PullCommand(shell),
        new GenerateCommand(shell),
        new ChatCommand(shell),
        new ScoreCommand(shell),
        EvalCommand.line(shell),
        new FamiliesCommand(shell),
        new PlanCommand(shell),
        BenchCommand.line(shell),
        new DoctorCommand(shell),
        new LogitsCommand(shell),
        new InspectCommand(shell),
        new ConvertCommand(shell),
        new ParityCommand(shell),
        new TestCommand(shell),
        new CompletionCommand(shell));
  }

  /** The whole command line over {@code shell}, for running or for looking at. */
  public static CommandLine line(Shell shell) {
    return new Stages(shell).line;
  }

  /**
   * Runs one command line.
   *
   * @return the exit status: 0 done, 1 the work or a check failed, 2 wrong usage or bad input, 141
   *     nobody reads the results any more
   */
  public static int run(Shell shell, String... arguments) {
    Stages stages = new Stages(shell);
    try {
      return stages.line.execute(arguments);
    } catch (Error e) {
      return new Failures(shell, stages.root).onError(e);
    } finally {
      shell.out().flush();
      shell.err().flush();
    }
  }

  private int execute(CommandLine.ParseResult parsed) {
    if (root.verbose()) {
      Logging.inDetail();
    }
    return new CommandLine.RunLast().execute(parsed);
  }
}
