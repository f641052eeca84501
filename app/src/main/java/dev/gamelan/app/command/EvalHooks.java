package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.api.ApiModel;
import dev.gamelan.eval.api.ApiSettings;
import dev.gamelan.eval.code.CodeHooks;
import dev.gamelan.eval.code.Sandbox;
import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.local.LocalModel;
import dev.gamelan.eval.run.AnswerLog;
import dev.gamelan.eval.safety.ModelJudge;
import dev.gamelan.eval.safety.SafetyHooks;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.TaskTree;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The functions of all tasks, with what they need: a sandbox, a judge. */
final class EvalHooks implements AutoCloseable {
  /** What is closed at the end, the last first. */
  private interface Resource {
    void close() throws IOException;
  }

  private final Deque<Resource> open = new ArrayDeque<>();
  private final Hooks.Library library;
  private final Optional<String> judge;

  EvalHooks(
      Shell shell,
      TaskTree tree,
      Datasets datasets,
      EvalCode code,
      EvalSafety safety,
      KernelArguments kernels,
      Supplier<Optional<Path>> judgeLog)
      throws IOException {
    try {
      Optional<Sandbox> sandbox = code.open(shell, tree);
      sandbox.ifPresent(s -> open.push(s::close));
      CodeHooks programs = new CodeHooks(sandbox, datasets);
      open.push(programs::close);
      boolean judging = tree.tasks().stream().anyMatch(t -> t.tag().contains("safety"));
      if (!judging && safety.judge().isPresent()) {
        throw new IllegalArgumentException(
            "--judge: none of the tasks is judged; safety_refusal, safety_violation and safety_toxicity are");
      }
      SafetyHooks harms =
          new SafetyHooks(
              safety.judge().isPresent()
                  ? Optional.of(judge(shell, safety, kernels, judgeLog.get()))
                  : Optional.empty(),
              safety.words());
      judge = judging ? Optional.of(harms.judgedBy()) : Optional.empty();
      library = Hooks.Library.of(List.of(programs, harms, new KnownHooks()));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private ModelJudge judge(
      Shell shell, EvalSafety safety, KernelArguments kernels, Optional<Path> file)
      throws IOException {
    ModelName named = safety.judge().orElseThrow();
    LanguageModel model;
    if (ApiSettings.is(named.given())) {
      ApiModel service =
          new ApiModel(ApiSettings.of(named.given(), safety.arguments()), shell.environment());
      open.push(service::close);
      model = service;
    } else {
      Kernels own = kernels.open(shell);
      open.push(own::close);
      model =
          EvalModels.open(
              named.name(),
              named.locate(shell),
              Optional.empty(),
              own,
              EvalModels.Lengths.standard(),
              LocalModel.Progress.none());
    }
    AnswerLog log =
        file.map(f -> AnswerLog.at(f, model.fingerprint()))
            .orElseGet(() -> AnswerLog.inMemory(model.fingerprint()));
    open.push(log::close);
    return new ModelJudge(model, log);
  }

  Hooks.Library library() {
    return library;
  }

  /** Who judges, in words; empty if nothing is judged. */
  Optional<String> judge() {
    return judge;
  }

  @Override
  public void close() throws IOException {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
