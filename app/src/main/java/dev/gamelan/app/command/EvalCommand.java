package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.Version;
import dev.gamelan.eval.api.ApiModel;
import dev.gamelan.eval.api.ApiSettings;
import dev.gamelan.eval.api.RecordedModel;
import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.local.LocalModel;
import dev.gamelan.eval.result.ResultFiles;
import dev.gamelan.eval.result.ResultTable;
import dev.gamelan.eval.result.RunInfo;
import dev.gamelan.eval.run.AnswerLog;
import dev.gamelan.eval.run.Evaluation;
import dev.gamelan.eval.run.EvaluationResult;
import dev.gamelan.eval.run.Regime;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskTree;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;

/** {@code gamelan eval}. */
@Command(
    name = "eval",
    customSynopsis = {
      "gamelan eval --model MODEL --tasks TASK[,TASK…] [OPTIONS]",
      "gamelan eval tasks|show|compare|table6"
    },
    description = "Measure a model on published tasks, as LM Evaluation Harness does.",
    footer = {
      "",
      "Examples:",
      "  gamelan eval --model runs/tour/model --tasks arc_easy,hellaswag --data eval-data --limit 200",
      "  gamelan eval --model smollm2.gguf --tasks gsm8k --num-fewshot 5 --output runs/eval"
          + " --log-samples",
      "  gamelan eval --model openai:http://localhost:8000/v1 --model-args model=tiny --tasks gsm8k"
          + " --apply-chat-template --output runs/eval",
      "  gamelan eval compare runs/eval/a runs/eval/b",
      "",
      "The options' names, the files and their formats are the harness's. An evaluation with --output"
          + " that was interrupted goes on where it was when it is started again."
    })
final class EvalCommand extends Stage {
  @Option(
      names = {"--model", "-m"},
      paramLabel = "MODEL",
      description =
          "A model folder, a .gguf, a llama2.c .bin, hf:OWNER/NAME, fetched before by 'pull'; or a"
              + " model behind an interface: openai:, anthropic: or gemini: and its name or address.")
  private Optional<ModelName> model = Optional.empty();

  @Option(names = "--pull", description = "Fetch an hf:OWNER/NAME that isn't in the cache.")
  private boolean pull;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer, where it doesn't lie beside the model.")
  private Optional<Path> tokenizer = Optional.empty();

  @Option(
      names = {"--tasks", "-t"},
      split = ",",
      paramLabel = "TASK",
      description = "Tasks, groups and tags, separated by commas; * and ? match names.")
  private List<String> tasks = List.of();

  @Mixin private EvalArguments where;

  @Option(
      names = "--regime",
      defaultValue = "lm-eval",
      paramLabel = "NAME",
      description = "How it is scored: lm-eval, olmo-v1, olmo-inloop (default: lm-eval).")
  private String regime;

  @Option(
      names = {"--num-fewshot", "--num_fewshot", "-f"},
      paramLabel = "N",
      description = "Examples before each question (default: what the task says, else 0).")
  private Optional<Integer> numFewshot = Optional.empty();

  @Option(
      names = {"--limit", "-L"},
      paramLabel = "N",
      description = "Only the first N documents of each task; below 1, this part of them.")
  private Optional<Double> limit = Optional.empty();

  @Option(
      names = {"--output", "--output-path", "--output_path", "-o"},
      paramLabel = "DIR",
      description = "Write results, report and all answers here.")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = {"--log-samples", "--log_samples", "-s"},
      description = "Also write each sample: what was asked, answered, and how it scored.")
  private boolean logSamples;

  @Option(
      names = {"--use-cache", "--use_cache"},
      paramLabel = "FILE",
      description = "The file in which answers are kept (default: answers.jsonl in the output).")
  private Optional<Path> cache = Optional.empty();

  @Option(
      names = {"--apply-chat-template", "--apply_chat_template"},
      description = "Ask in the model's chat template.")
  private boolean chatTemplate;

  @Option(
      names = {"--fewshot-as-multiturn", "--fewshot_as_multiturn"},
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "true",
      paramLabel = "BOOL",
      description = "Examples are turns of the chat (default: true).")
  private boolean multiturn;

  @Option(
      names = {"--system-instruction", "--system_instruction"},
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What stands before every prompt.")
  private String systemInstruction;

  @Option(
      names = "--seed",
      split = ",",
      paramLabel = "N",
      description =
          "The seed of the examples, or the harness's four, of which it is the last (default: 1234).")
  private List<Long> seed = List.of();

  @Option(
      names = {"--bootstrap-iters", "--bootstrap_iters"},
      defaultValue = "100000",
      paramLabel = "N",
      description = "Resamples for standard errors; 0 = no standard errors (default: 100000).")
  private int bootstrap;

  @Option(
      names = "--unconditional",
      description = "Also score choices without their question, for the samples.")
  private boolean unconditional;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Tokens of a question and its answer at most (default: the model's context).")
  private Optional<Integer> maxLength = Optional.empty();

  @Option(
      names = "--batch-rows",
      defaultValue = "256",
      paramLabel = "N",
      description = "Tokens computed at once; doesn't change results (default: 256).")
  private int batchRows;

  @Mixin private KernelArguments kernels;
  @Mixin private EvalServices services;
  @Mixin private EvalCode code;
  @Mixin private EvalSafety safety;

  EvalCommand(Shell shell) {
    super(shell);
  }

  static CommandLine line(Shell shell) {
    return new CommandLine(new EvalCommand(shell))
        .addSubcommand(new EvalTasksCommand(shell))
        .addSubcommand(new EvalShowCommand(shell))
        .addSubcommand(new EvalCompareCommand(shell))
        .addSubcommand(new EvalTableCommand(shell));
  }

  @Override
  int run() throws Exception {
    if (model.isEmpty()) {
      throw badUsage("name the model (--model MODEL), or say tasks, show, compare or table6");
    }
    if (tasks.isEmpty()) {
      throw badUsage("name the tasks (--tasks TASK,…); 'gamelan eval tasks' lists them");
    }
    if (logSamples && output.isEmpty()) {
      throw badUsage("samples need a place: --output DIR");
    }
    Instant began = Instant.now();
    Regime scoring = Regime.of(regime);
    TaskTree tree = TaskTree.of(where.tasks(), tasks.stream().map(String::strip).toList());
    Datasets datasets = where.datasets(shell());
    try (LiveLine line = new LiveLine(shell());
        EvalHooks hooks =
            new EvalHooks(shell(), tree, datasets, code, safety, kernels, this::judgeLog)) {
      EvalProgress progress = new EvalProgress(line);
      Work work = new Work(tree, datasets, hooks, scoring, progress, began);
      if (ApiSettings.is(model.get().given())) {
        service(work);
      } else {
        local(work);
      }
    }
    return DONE;
  }

  /** What a run needs besides its model. */
  private record Work(
      TaskTree tree,
      Datasets datasets,
      EvalHooks hooks,
      Regime scoring,
      EvalProgress progress,
      Instant began) {}

  private void local(Work work) throws IOException {
    if (services.given()) {
      throw badUsage(
          "--model-args is for models behind an interface (openai:, anthropic:, gemini:)");
    }
    try (Kernels opened = kernels.open(shell())) {
      LocalModel local = open(opened, work.scoring(), work.progress());
      if (!chatTemplate && local.chat(dummy(), true).isPresent() && looksTuned(local.name())) {
        shell()
            .err()
            .println(
                "gamelan: eval: the model has a chat template and seems tuned for chat; the prompts are"
                    + " plain text (--apply-chat-template asks in its template)");
      }
      Evaluation evaluation = evaluation(work, local);
      LanguageModel asked = services.offline() ? new RecordedModel(local) : local;
      EvaluationResult result;
      try (AnswerLog log = log(asked)) {
        result = evaluation.run(asked, log, work.progress());
      }
      work.progress().finish(local.savings());
      String device = local.fingerprint().replaceFirst("^[0-9a-f]{64} ", "").strip();
      String prompting = chatTemplate ? "the model's chat template" : "plain text";
      finish(result, info(local.name(), "gamelan", prompting, Map.of("device", device), work));
    }
  }

  private void service(Work work) throws IOException {
    if (pull || tokenizer.isPresent() || maxLength.isPresent()) {
      throw badUsage("--pull, --tokenizer and --max-length are for models that run here");
    }
    if (work.scoring() != Regime.LM_EVAL) {
      throw badUsage("--regime %s needs a model that runs here".formatted(regime));
    }
    ApiSettings settings = services.settings(model.orElseThrow().given());
    String prompting =
        settings.prompting()
            + (chatTemplate || settings.completions() ? "" : ", the prompt one user's message");
    if (services.offline()) {
      LanguageModel recorded = ApiModel.recorded(settings);
      Evaluation evaluation = evaluation(work, recorded);
      try (AnswerLog log = log(recorded)) {
        EvaluationResult result = evaluation.run(recorded, log, work.progress());
        finish(result, info(recorded.name(), settings.provider().key(), prompting, Map.of(), work));
      }
      return;
    }
    try (ApiModel asked = new ApiModel(settings, shell().environment())) {
      Evaluation evaluation = evaluation(work, asked);
      EvaluationResult result;
      try (AnswerLog log = log(asked)) {
        services.estimate(shell(), evaluation.requests(), log);
        result = evaluation.run(asked, log, work.progress());
      }
      services.finish(shell(), asked);
      finish(result, info(asked.name(), settings.provider().key(), prompting, Map.of(), work));
    }
  }

  private Evaluation evaluation(Work work, LanguageModel asked) {
    return new Evaluation(
        work.tree(),
        work.datasets(),
        work.hooks().library(),
        new Evaluation.Options(
            prompting(asked),
            limit.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
            bootstrap,
            work.scoring(),
            unconditional));
  }

  private Optional<Path> judgeLog() {
    return output.map(o -> o.resolve("judge-answers.jsonl"));
  }

  private static ArrayNode dummy() {
    ArrayNode messages = tools.jackson.databind.node.JsonNodeFactory.instance.arrayNode();
    messages.addObject().put("role", "user").put("content", "?");
    return messages;
  }

  private static boolean looksTuned(String name) {
    String lower = name.toLowerCase(java.util.Locale.ROOT);
    return lower.contains("inst") || lower.contains("chat");
  }

  private LocalModel open(Kernels opened, Regime scoring, EvalProgress progress)
      throws IOException {
    ModelName named = model.orElseThrow();
    Path path = pull ? named.fetch(shell()) : named.locate(shell());
    return EvalModels.open(
        named.name(),
        path,
        tokenizer,
        opened,
        new EvalModels.Lengths(maxLength, scoring.maxLength(), scoring.separateTokens(), batchRows),
        progress);
  }

  private Task.Prompting prompting(LanguageModel asked) {
    Optional<BiFunction<ArrayNode, Boolean, String>> chat = Optional.empty();
    if (chatTemplate) {
      if (asked.chat(dummy(), true).isEmpty()) {
        throw new IllegalArgumentException(
            "--apply-chat-template: no chat template lies beside the model "
                + asked.name()
                + " (chat_template.jinja or tokenizer_config.json)");
      }
      chat = Optional.of((messages, follows) -> asked.chat(messages, follows).orElseThrow());
    }
    if (!(seed.isEmpty() || seed.size() == 1 || seed.size() == 4)) {
      throw badUsage("--seed takes one number or four, not " + seed.size());
    }
    return new Task.Prompting(
        numFewshot, seed.isEmpty() ? 1234 : seed.getLast(), systemInstruction, chat, multiturn);
  }

  private AnswerLog log(LanguageModel local) {
    Optional<Path> file =
        cache.or(() -> output.map(o -> folder(o, local.name()).resolve("answers.jsonl")));
    return file.map(f -> AnswerLog.at(f, local.fingerprint()))
        .orElseGet(() -> AnswerLog.inMemory(local.fingerprint()));
  }

  private static Path folder(Path output, String name) {
    return output.resolve(
        new RunInfo(name, "", Map.of(), "", false, false, "", Instant.EPOCH, Duration.ZERO)
            .folder());
  }

  private RunInfo info(
      String name, String source, String prompting, Map<String, String> more, Work work) {
    Map<String, String> arguments = new LinkedHashMap<>(more);
    arguments.put("fewshot_seed", seed.isEmpty() ? "1234" : seed.getLast().toString());
    arguments.put("bootstrap_iters", String.valueOf(bootstrap));
    arguments.put("limit", limit.map(String::valueOf).orElse("none"));
    arguments.put("prompting", prompting);
    work.hooks().judge().ifPresent(judge -> arguments.put("judge", judge));
    return new RunInfo(
        name,
        source,
        arguments,
        systemInstruction,
        chatTemplate,
        multiturn,
        Version.number(),
        work.began(),
        Duration.between(work.began(), Instant.now()));
  }

  private void finish(EvaluationResult result, RunInfo info) throws IOException {
    shell().out().print(ResultTable.of(result));
    if (result.regime() != Regime.LM_EVAL) {
      shell()
          .out()
          .println(
              "Scored as "
                  + result.regime().key()
                  + ": not comparable with figures of other regimes.");
    }
    if (output.isPresent()) {
      ResultFiles.Written written = ResultFiles.write(output.get(), result, info, logSamples);
      Path page =
          written
              .results()
              .resolveSibling(written.results().getFileName().toString().replace(".json", ".html"));
      EvalReport.of(result, info).write(page);
      shell()
          .err()
          .printf(
              "gamelan: eval: %s, %s%n",
              written.results(),
              Arrays.asList(page.getFileName(), written.samples().size() + " files of samples"));
    }
    shell().err().printf("gamelan: eval: %s in all%n", Figures.time(info.took()));
  }
}
