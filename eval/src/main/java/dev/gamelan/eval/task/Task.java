package dev.gamelan.eval.task;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.python.PythonText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A task with its data: gives its documents one after the other, with the requests each makes.
 * Examples are drawn in the order of documents, so that {@link #requests} is called once a
 * document, from the first on. Not safe for concurrent use.
 */
public final class Task {
  /**
   * How prompts are made.
   *
   * @param numFewshot examples; empty = as the task has it, 0 if it doesn't say
   * @param seed of the sampler of examples; the reference's is 1234
   * @param systemInstruction stands before everything; may be empty
   * @param chat writes messages as the model's chat template has it, where that is wanted
   * @param multiturn whether examples are turns of the chat
   */
  public record Prompting(
      Optional<Integer> numFewshot,
      long seed,
      String systemInstruction,
      Optional<BiFunction<ArrayNode, Boolean, String>> chat,
      boolean multiturn) {
    /** As the task says, in plain text, with the reference's seed. */
    public static Prompting plain() {
      return new Prompting(Optional.empty(), 1234, "", Optional.empty(), true);
    }
  }

  private final TaskConfig config;
  private final Prompting prompting;
  private final Hooks.Library hooks;
  private final List<ObjectNode> documents;
  private final Fields fields;
  private final Optional<FewshotSampler> sampler;
  private final int shots;
  private final boolean excludes;
  private final boolean choicesAreContexts;
  private final boolean severalTargets;

  /**
   * Reads the data.
   *
   * @throws TaskException the task can't be prepared
   * @throws dev.gamelan.eval.dataset.DatasetException its data isn't here
   */
  public Task(TaskConfig config, Datasets datasets, Hooks.Library hooks, Prompting prompting) {
    this.config = config;
    this.prompting = prompting;
    this.hooks = hooks;
    this.documents = processed(config.processDocs(), rows(datasets, evaluatedSplit()));
    this.fields =
        new Fields(config.task(), features(documents), config.docToChoice().isPresent(), hooks);
    boolean fixed = config.numFewshot().isPresent() && config.numFewshot().getAsInt() == 0;
    // A task that says 0 has its examples in its prompt, or can't have any.
    this.shots = fixed ? 0 : prompting.numFewshot().orElse(config.numFewshot().orElse(0));
    this.excludes = config.fewshot().split().equals(config.testSplit());
    this.sampler =
        shots == 0
            ? Optional.empty()
            : Optional.of(
                new FewshotSampler(
                    config.task(), config.fewshot().sampler(), pool(datasets), prompting.seed()));
    ObjectNode first = documents.getFirst();
    this.choicesAreContexts =
        config.docToChoice().isPresent()
            && fields.text(config.docToText(), first).isIntegralNumber();
    this.severalTargets = fields.target(config.docToTarget(), first).isArray();
  }

  private String evaluatedSplit() {
    return config
        .testSplit()
        .or(config::validationSplit)
        .orElseThrow(
            () ->
                new TaskException(
                    "task %s: neither test_split nor validation_split is named"
                        .formatted(config.task())));
  }

  private List<ObjectNode> rows(Datasets datasets, String split) {
    return datasets.rows(
        new Datasets.Request(
            config.datasetPath(), config.datasetName(), config.datasetKwargs(), split));
  }

  private List<ObjectNode> processed(Optional<FunctionName> function, List<ObjectNode> rows) {
    List<ObjectNode> documents =
        function.isEmpty()
            ? rows
            : hooks.require(function.get(), Hooks.Documents.class).apply(rows);
    if (documents.isEmpty()) {
      throw new TaskException("task " + config.task() + ": no document is left of its data");
    }
    return documents;
  }

  private List<ObjectNode> pool(Datasets datasets) {
    TaskConfig.Fewshot fewshot = config.fewshot();
    if (fewshot.split().isPresent()) {
      return processed(fewshot.processDocs(), rows(datasets, fewshot.split().get()));
    }
    if (fewshot.samplesFunction().isPresent()) {
      return hooks.require(fewshot.samplesFunction().get(), Hooks.Samples.class).apply();
    }
    if (!fewshot.samples().isEmpty()) {
      return fewshot.samples().stream().map(ObjectNode.class::cast).toList();
    }
    Optional<String> split = config.trainingSplit().or(config::validationSplit);
    return split.isPresent()
        ? processed(config.processDocs(), rows(datasets, split.get()))
        : documents;
  }

  private static Set<String> features(List<ObjectNode> documents) {
    Set<String> names = new LinkedHashSet<>();
    documents.forEach(d -> names.addAll(d.propertyNames()));
    return names;
  }

  public TaskConfig config() {
    return config;
  }

  /** All documents of the split that is evaluated. */
  public List<ObjectNode> documents() {
    return documents;
  }

  /** Examples before each question. */
  public int shots() {
    return shots;
  }

  /** Whether a document's choices are contexts before one continuation, as in Winogrande. */
  public boolean choicesAreContexts() {
    return choicesAreContexts;
  }

  /** Whether a document has several acceptable targets. */
  public boolean severalTargets() {
    return severalTargets;
  }

  /** The right answer of a document. */
  public JsonNode target(ObjectNode document) {
    return fields.target(config.docToTarget(), document);
  }

  /** Which choice is right, or which are, by number; as the task gives it. */
  public JsonNode gold(ObjectNode document) {
    return choicesAreContexts ? fields.text(config.docToText(), document) : target(document);
  }

  /** A document's choices; empty for a task without. */
  public List<String> choices(ObjectNode document) {
    return config.docToChoice().map(f -> fields.choices(f, document)).orElse(List.of());
  }

  /**
   * The requests of the next document.
   *
   * @param unconditional whether each choice is also scored after {@code unconditionalContext}
   * @return for choices one each, in order, then the unconditional ones; else one a repeat
   */
  public List<Request> requests(
      ObjectNode document, boolean unconditional, String unconditionalContext) {
    String prefix =
        config.genPrefix().map(f -> PythonText.str(fields.text(f, document))).orElse("");
    List<Prompts.Message> before = examples(document);
    return switch (config.outputType()) {
      case LOGLIKELIHOOD ->
          List.of(
              new Request.Loglikelihood(
                  context(before, document, prefix), PythonText.str(target(document))));
      case LOGLIKELIHOOD_ROLLING -> List.of(new Request.Rolling(PythonText.str(target(document))));
      case MULTIPLE_CHOICE ->
          choiceRequests(document, before, prefix, unconditional, unconditionalContext);
      case GENERATE_UNTIL -> {
        String context = context(before, document, prefix);
        List<Request> repeats = new ArrayList<>();
        for (int i = 0; i < config.repeats(); i++) {
          repeats.add(new Request.Generate(context, config.generationKwargs(), i));
        }
        yield repeats;
      }
    };
  }

  private List<Prompts.Message> examples(ObjectNode document) {
    List<Prompts.Message> messages = new ArrayList<>();
    String system =
        Prompts.delimited(
            prompting.systemInstruction(),
            fields.plain(config.description(), document),
            config.fewshotDelimiter());
    if (!system.isEmpty()) {
      messages.add(new Prompts.Message("system", system, ""));
    }
    if (sampler.isEmpty()) {
      return messages;
    }
    TaskConfig.Fewshot f = config.fewshot();
    Optional<ObjectNode> evaluated = excludes ? Optional.of(document) : Optional.empty();
    for (ObjectNode example : sampler.get().sample(shots, evaluated)) {
      JsonNode text = fields.text(f.docToText(), example);
      Optional<List<String>> choices = f.docToChoice().map(c -> fields.choices(c, example));
      JsonNode target = fields.target(f.docToTarget(), example);
      String prefix = f.genPrefix().map(p -> PythonText.str(fields.text(p, example))).orElse("");
      String question = PythonText.str(text);
      if (choicesAreContexts) {
        question = choices.orElseThrow().get(text.intValue());
        choices = Optional.empty();
      }
      messages.addAll(
          Prompts.turn(
              question,
              Prompts.answer(target, choices, config.task()),
              prefix,
              f.targetDelimiter(),
              f.fewshotDelimiter()));
    }
    return messages;
  }

  private String context(List<Prompts.Message> before, ObjectNode document, String prefix) {
    return context(
        before,
        Prompts.turn(
            PythonText.str(fields.text(config.docToText(), document)),
            Optional.empty(),
            prefix,
            config.targetDelimiter(),
            ""));
  }

  private String context(List<Prompts.Message> before, List<Prompts.Message> question) {
    List<Prompts.Message> messages = new ArrayList<>(before);
    messages.addAll(question);
    return prompting.chat().isPresent()
        ? Prompts.chat(messages, prompting.multiturn(), prompting.chat().get())
        : Prompts.plain(messages);
  }

  private List<Request> choiceRequests(
      ObjectNode document,
      List<Prompts.Message> before,
      String prefix,
      boolean unconditional,
      String unconditionalContext) {
    String delimiter = config.targetDelimiter();
    if (prompting.chat().isPresent() && (prefix.isEmpty() || Prompts.endsWithSpace(prefix))) {
      delimiter = "";
    }
    List<String> choices = choices(document);
    List<Request> requests = new ArrayList<>();
    if (choicesAreContexts) {
      String continuation = delimiter + PythonText.str(target(document));
      for (String choice : choices) {
        String context =
            context(before, Prompts.turn(choice, Optional.empty(), prefix, "", "\n\n"));
        requests.add(new Request.Loglikelihood(context, continuation));
      }
    } else {
      String context = context(before, document, prefix);
      for (String choice : choices) {
        requests.add(new Request.Loglikelihood(context, delimiter + choice));
      }
    }
    if (unconditional) {
      for (String choice : choices) {
        requests.add(new Request.Loglikelihood(unconditionalContext, delimiter + choice));
      }
    }
    return requests;
  }
}
