package dev.gamelan.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A word that only leads to other words, such as {@code tokenizer}: alone it is a usage error. */
abstract class Group implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public final Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "say which: " + String.join(", ", spec.commandLine().getSubcommands().keySet()));
  }
}
