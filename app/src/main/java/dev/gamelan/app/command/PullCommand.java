package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.WorkProgress;
import dev.gamelan.hub.Hub;
import dev.gamelan.hub.HubName;
import dev.gamelan.hub.HubSettings;
import dev.gamelan.hub.PullListener;
import dev.gamelan.hub.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gamelan pull}. */
@Command(
    name = "pull",
    customSynopsis = "gamelan pull NAME [OPTIONS]",
    description =
        "Fetch a model or a dataset from the Hugging Face Hub; print where it lies. Goes on where"
            + " an earlier start was interrupted.",
    footer = {
      "",
      "Examples:",
      "  gamelan pull hf:EleutherAI/pythia-160m",
      "  gamelan pull hf:EleutherAI/pythia-160m@step3000",
      "  gamelan pull hf:bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M",
      "  gamelan pull hf:EleutherAI/pythia-160m/config.json",
      "  gamelan pull hf:HuggingFaceTB/smollm-corpus --dataset --include \"cosmopedia-v2/*\"",
      "",
      "Of a model it takes what is needed to run it: configuration, tokenizer, chat template,"
          + " licence, and weights as safetensors if there are any; of several GGUF files the one"
          + " named, else Q4_K_M. Files go to the cache that all tools of Hugging Face share.",
      "Environment: HF_HOME and HF_HUB_CACHE (the cache), HF_TOKEN (for gated models), HF_ENDPOINT"
          + " (a mirror), HF_HUB_OFFLINE=1, https_proxy and no_proxy."
    })
final class PullCommand extends Stage {
  @Parameters(
      paramLabel = "NAME",
      description =
          "hf:OWNER/NAME, with @REVISION, and :QUANTIZATION or /FILE where wanted; the address of"
              + " its page; or a path, which is only looked at.")
  private String name;

  @Option(names = "--dataset", description = "The name is that of a dataset.")
  private boolean dataset;

  @Option(
      names = "--all",
      description = "Fetch every file of a model, not only those it runs with.")
  private boolean all;

  @Option(
      names = "--include",
      paramLabel = "GLOB",
      description = "Fetch files like this and no others; may be given several times.")
  private List<String> include = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description = "Don't fetch files like this; may be given several times.")
  private List<String> exclude = List.of();

  @Option(names = "--offline", description = "Don't use the network: only say where it lies.")
  private boolean offline;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Connections at a time (default: 8).")
  private Optional<Integer> parallel = Optional.empty();

  PullCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (!HubName.is(name)) {
      local(Path.of(name));
      return DONE;
    }
    HubName hubName = HubName.parse(name, dataset ? HubName.Kind.DATASET : HubName.Kind.MODEL);
    if (all && !include.isEmpty()) {
      throw badUsage("--all and --include say different things; give one of them");
    }
    HubSettings settings = ModelName.settings(shell()).offlineIf(offline);
    if (parallel.isPresent()) {
      settings = settings.withParallel(parallel.get());
    }
    Hub.Pulled pulled = pull(shell(), settings, hubName, new Selection(all, include, exclude));
    shell()
        .err()
        .printf(
            "gamelan: pull: %d file%s, %s, commit %s; %s%n",
            pulled.files(),
            pulled.files() == 1 ? "" : "s",
            Figures.bytes(pulled.bytes()),
            pulled.commit().substring(0, 12),
            pulled.fetched() == 0 ? "all were there" : pulled.fetched() + " fetched");
    shell().out().println(pulled.path());
    return DONE;
  }

  private void local(Path path) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "%s: no such file or folder; a name on the Hugging Face Hub begins with hf:"
                  .formatted(path)
              + (name.matches("[\\w.-]+/[\\w.-]+") ? ", e.g. hf:" + name : ""));
    }
    shell().err().println("gamelan: pull: it lies here already; there is nothing to fetch");
    shell().out().println(path.toAbsolutePath().normalize());
  }

  /** Pulls with a live line. */
  static Hub.Pulled pull(Shell shell, HubSettings settings, HubName name, Selection selection)
      throws IOException, InterruptedException {
    try (Live live = new Live(shell, name)) {
      Hub.Pulled pulled = new Hub(settings).pull(name, selection, live);
      live.progress().ifPresent(WorkProgress::finish);
      return pulled;
    }
  }

  /** Shows how far a pull is. */
  private static final class Live implements PullListener, AutoCloseable {
    private final LiveLine line;
    private final HubName name;
    private final AtomicLong done = new AtomicLong();
    private Optional<WorkProgress> progress = Optional.empty();

    private final Thread interrupted;

    Live(Shell shell, HubName name) {
      this.line = new LiveLine(shell);
      this.name = name;
      this.interrupted =
          Thread.ofPlatform()
              .unstarted(
                  () -> {
                    line.close();
                    shell
                        .err()
                        .println(
                            "gamelan: pull: interrupted; what has come is kept, the same command"
                                + " goes on from there");
                  });
      Runtime.getRuntime().addShutdownHook(interrupted);
    }

    @Override
    public synchronized void planned(int files, long bytes, long present) {
      WorkProgress shown =
          new WorkProgress(line, "fetching " + name, OptionalLong.of(bytes), present);
      progress = Optional.of(shown);
      done.set(present);
      if (present > 0) {
        line.say("gamelan: pull: %s of it came earlier".formatted(Figures.bytes(present)));
      }
    }

    @Override
    public void advanced(long bytes) {
      long now = done.addAndGet(bytes);
      progress().ifPresent(p -> p.reached(now));
    }

    @Override
    public void said(String note) {
      line.say("gamelan: pull: " + note);
    }

    private synchronized Optional<WorkProgress> progress() {
      return progress;
    }

    @Override
    public void close() {
      line.close();
      try {
        Runtime.getRuntime().removeShutdownHook(interrupted);
      } catch (IllegalStateException shuttingDown) {
        // It runs, or has run.
        line.close();
      }
    }
  }
}
