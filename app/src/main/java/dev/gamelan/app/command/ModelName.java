package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.hub.Hub;
import dev.gamelan.hub.HubName;
import dev.gamelan.hub.HubSettings;
import dev.gamelan.hub.Selection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * What a user calls a model: a path, or {@code hf:OWNER/NAME} in the cache of the Hugging Face Hub.
 *
 * @param given as it was typed
 */
record ModelName(String given) {
  /**
   * Where the model lies. Nothing is fetched.
   *
   * @throws IllegalArgumentException if it is one of the Hub that isn't in the cache; says how to
   *     get it
   */
  Path locate(Shell shell) {
    if (!HubName.is(given)) {
      return Path.of(given);
    }
    HubName name = HubName.parse(given, HubName.Kind.MODEL);
    try {
      HubSettings settings = settings(shell);
      return new Hub(settings)
          .find(name, Selection.USUAL)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "%s is not in the cache, or not all of it (%s); get it: ./gamelan pull %s"
                          .formatted(name, settings.cache(), name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the model lies; one of the Hub that isn't in the cache is fetched first. */
  Path fetch(Shell shell) {
    if (HubName.is(given)) {
      HubName name = HubName.parse(given, HubName.Kind.MODEL);
      try {
        HubSettings settings = settings(shell);
        Hub hub = new Hub(settings);
        if (hub.find(name, Selection.USUAL).isEmpty()) {
          PullCommand.pull(shell, settings, name, Selection.USUAL);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while " + given + " was fetched", e);
      }
    }
    return locate(shell);
  }

  /** The model by itself: its file's or folder's name, or that of the repository. */
  String name() {
    if (HubName.is(given)) {
      String repository = HubName.parse(given, HubName.Kind.MODEL).repository();
      return repository.substring(repository.indexOf('/') + 1);
    }
    return Path.of(given).toAbsolutePath().normalize().getFileName().toString();
  }

  /** The Hub as the environment has it. */
  static HubSettings settings(Shell shell) throws IOException {
    return HubSettings.of(shell.environment(), Path.of(System.getProperty("user.home")));
  }

  @Override
  public String toString() {
    return given;
  }
}
