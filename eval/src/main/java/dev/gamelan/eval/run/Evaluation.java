package dev.gamelan.eval.run;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.score.Aggregation;
import dev.gamelan.eval.score.Scorer;
import dev.gamelan.eval.score.StandardError;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates a model on tasks. */
public final class Evaluation {
  /**
   * How tasks are run.
   *
   * @param limit documents a task; below 1 a part of all; empty = all
   * @param bootstrapIterations resamples for standard errors; 0 = no standard errors
   * @param unconditional whether choices are scored without their context even where no metric of
   *     the task needs it
   */
  public record Options(
      Task.Prompting prompting,
      OptionalDouble limit,
      int bootstrapIterations,
      Regime regime,
      boolean unconditional) {
    public Options {
      if (limit.isPresent() && !(limit.getAsDouble() > 0)) {
        throw new IllegalArgumentException(
            "eval: a limit of %s documents; it must be above 0".formatted(limit.getAsDouble()));
      }
    }
  }

  /** Is told how far the work is. */
  public interface Progress {
    /** A task's requests are made. */
    void prepared(String task, int documents, int requests);

    /** So many requests are answered, of all; {@code known} of them without asking. */
    void answered(int answered, int of, int known);

    /** Nobody looks. */
    static Progress none() {
      return new Progress() {
        @Override
        public void prepared(String task, int documents, int requests) {}

        @Override
        public void answered(int answered, int of, int known) {}
      };
    }
  }

  private final TaskTree tree;
  private final Datasets datasets;
  private final Hooks.Library hooks;
  private final Options options;

  public Evaluation(TaskTree tree, Datasets datasets, Hooks.Library hooks, Options options) {
    this.tree = tree;
    this.datasets = datasets;
    this.hooks = hooks;
    this.options = options;
  }

  /** A task with the requests of its documents. */
  record Prepared(Task task, Scorer scorer, int count, List<List<Request>> requests) {}

  /**
   * Reads all data and makes all requests: what is wrong with a task shows before the model works.
   */
  List<Prepared> prepare(Progress progress) {
    List<Prepared> all = new ArrayList<>();
    for (TaskConfig each : tree.tasks()) {
      TaskConfig config = options.regime().adapt(each);
      Task task = new Task(config, datasets, hooks, options.prompting());
      Scorer scorer = new Scorer(task, hooks);
      int count = options.regime().limit(task, options.limit());
      List<List<Request>> requests = new ArrayList<>();
      int n = 0;
      boolean unconditional = options.unconditional() || scorer.wantsUnconditional();
      for (int i = 0; i < count; i++) {
        List<Request> ofDocument =
            task.requests(
                task.documents().get(i), unconditional, options.regime().unconditionalContext());
        requests.add(ofDocument);
        n += ofDocument.size();
      }
      progress.prepared(config.task(), count, n);
      all.add(new Prepared(task, scorer, count, requests));
    }
    return all;
  }

  /** The requests of all documents of all tasks, in order: what a run would ask. */
  public List<Request> requests() {
    return prepare(Progress.none()).stream()
        .flatMap(p -> p.requests().stream())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Runs the tasks.
   *
   * @param log where answers are kept, and looked for before the model is asked
   */
  public EvaluationResult run(LanguageModel model, AnswerLog log, Progress progress) {
    List<Prepared> prepared = prepare(progress);
    Map<Request, Answer> answers = answers(model, log, prepared, progress);
    List<EvaluationResult.TaskResult> tasks = new ArrayList<>();
    for (Prepared p : prepared) {
      tasks.add(result(p, answers));
    }
    return new EvaluationResult(tree, tasks, Groups.aggregate(tree, tasks), options.regime());
  }

  private static Map<Request, Answer> answers(
      LanguageModel model, AnswerLog log, List<Prepared> prepared, Progress progress) {
    Map<Request, Answer> answers = new LinkedHashMap<>();
    List<Request> open = new ArrayList<>();
    int all = 0;
    for (Prepared p : prepared) {
      for (List<Request> ofDocument : p.requests()) {
        for (Request request : ofDocument) {
          all++;
          if (!answers.containsKey(request)) {
            Optional<Answer> known = log.find(request);
            answers.put(request, known.orElse(UNANSWERED));
            if (known.isEmpty()) {
              open.add(request);
            }
          }
        }
      }
    }
    int known = answers.size() - open.size();
    int total = answers.size();
    int[] done = {known};
    progress.answered(known, total, known);
    model.answer(
        open,
        (index, answer) -> {
          Request request = open.get(index);
          log.put(request, answer);
          answers.put(request, answer);
          progress.answered(++done[0], total, known);
        });
    if (done[0] != total) {
      throw new IllegalStateException(
          "eval: the model answered %d of %d requests".formatted(done[0] - known, open.size()));
    }
    return answers;
  }

  private static final Answer UNANSWERED = new Answer.Text("");

  private EvaluationResult.TaskResult result(Prepared p, Map<Request, Answer> answers) {
    List<EvaluationResult.Sample> samples = new ArrayList<>();
    Map<String, List<Measure>> measures = new LinkedHashMap<>();
    for (int i = 0; i < p.count(); i++) {
      p.scorer()
          .prepare(
              p.task().documents().get(i), p.requests().get(i).stream().map(answers::get).toList());
    }
    for (int i = 0; i < p.count(); i++) {
      ObjectNode document = p.task().documents().get(i);
      List<Request> requests = p.requests().get(i);
      List<Answer> given = requests.stream().map(answers::get).toList();
      for (Scorer.Filtered filtered : p.scorer().score(document, given)) {
        samples.add(new EvaluationResult.Sample(i, document, requests, given, filtered));
        filtered
            .measures()
            .forEach(
                (metric, value) ->
                    measures
                        .computeIfAbsent(metric + "," + filtered.filter(), k -> new ArrayList<>())
                        .add(value));
      }
    }
    Map<String, EvaluationResult.Figure> figures = new LinkedHashMap<>();
    int most = 0;
    for (Map.Entry<String, List<Measure>> e : measures.entrySet()) {
      String metric = e.getKey().substring(0, e.getKey().lastIndexOf(','));
      Aggregation aggregation = p.scorer().aggregation(metric);
      figures.put(
          e.getKey(),
          new EvaluationResult.Figure(
              aggregation.of(e.getValue()),
              StandardError.of(aggregation, e.getValue(), options.bootstrapIterations())));
      most = Math.max(most, e.getValue().size());
    }
    return new EvaluationResult.TaskResult(
        p.task(), figures, p.scorer().higherIsBetter(), samples, most);
  }
}
