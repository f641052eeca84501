package dev.gamelan.eval.result;

import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.run.EvaluationResult.Sample;
import dev.gamelan.eval.run.EvaluationResult.TaskResult;
import dev.gamelan.eval.score.Choices;
import dev.gamelan.eval.score.Scorer;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig.OutputType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Samples as the harness writes them, one object a line, with the scores of all normalisations. */
final class SampleLines {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private SampleLines() {}

  /** A sample's line, without its end. */
  static ObjectNode of(TaskResult result, Sample sample) {
    Task task = result.task();
    ObjectNode line = NODES.objectNode();
    JsonNode target = task.target(sample.document());
    line.put("doc_id", sample.id());
    line.set("doc", sample.document());
    line.put("target", PythonText.str(target));
    ObjectNode arguments = line.putObject("arguments");
    for (int i = 0; i < asked(task, sample); i++) {
      ObjectNode one = arguments.putObject("gen_args_" + i);
      int j = 0;
      for (JsonNode argument : sample.requests().get(i).arguments()) {
        one.set("arg_" + j++, argument);
      }
    }
    ArrayNode resps = line.putArray("resps");
    if (task.config().outputType() == OutputType.GENERATE_UNTIL) {
      ArrayNode repeats = resps.addArray();
      sample.answers().forEach(a -> repeats.add(texts(Scorer.json(a))));
    } else {
      sample.answers().forEach(a -> resps.addArray().add(texts(Scorer.json(a))));
    }
    ArrayNode filtered = line.putArray("filtered_resps");
    sample.filtered().filtered().forEach(f -> filtered.add(texts(f)));
    line.put("filter", sample.filtered().filter());
    ArrayNode metrics = line.putArray("metrics");
    sample.filtered().measures().keySet().forEach(metrics::add);
    line.put("doc_hash", Digests.of(PythonText.json(sample.document(), 2, false)));
    line.put("prompt_hash", Digests.of(sample.requests().getFirst().prompt()));
    line.put("target_hash", Digests.of(PythonText.str(target)));
    sample.filtered().measures().forEach((name, m) -> line.set(name, json(m)));
    if (task.config().outputType() == OutputType.MULTIPLE_CHOICE) {
      ObjectNode scores = line.putObject("scores");
      new Choices(task, sample.document(), sample.answers())
          .scores()
          .forEach(
              (kind, values) -> {
                ArrayNode list = scores.putArray(kind);
                for (double v : values) {
                  list.add(v);
                }
              });
    }
    return line;
  }

  /** Repeats ask the same. */
  private static int asked(Task task, Sample sample) {
    return task.config().outputType() == OutputType.GENERATE_UNTIL ? 1 : sample.requests().size();
  }

  /** Everything as strings, as the harness has it, so that any library reads any task's samples. */
  private static JsonNode texts(JsonNode value) {
    if (value.isArray()) {
      ArrayNode list = NODES.arrayNode();
      value.forEach(item -> list.add(texts(item)));
      return list;
    }
    return NODES.stringNode(PythonText.str(value));
  }

  private static JsonNode json(Measure measure) {
    return switch (measure) {
      case Measure.Number n -> NODES.numberNode(n.value());
      case Measure.Whole w -> NODES.numberNode(w.value());
      case Measure.Weighted w -> NODES.arrayNode().add(w.value()).add((long) w.weight());
      case Measure.Classes c -> NODES.arrayNode().add(c.gold()).add(c.predicted());
      case Measure.Distribution d -> {
        ArrayNode probabilities = NODES.arrayNode();
        d.probabilities().forEach(probabilities::add);
        yield NODES.arrayNode().add(d.gold()).add(probabilities);
      }
      case Measure.Texts t -> {
        ArrayNode references = NODES.arrayNode();
        t.references().forEach(references::add);
        yield NODES.arrayNode().add(references).add(t.prediction());
      }
    };
  }

  /** The hash of all samples of a task. */
  static String taskHash(TaskResult result) {
    StringBuilder all = new StringBuilder();
    for (Sample sample : result.samples()) {
      Request first = sample.requests().getFirst();
      all.append(Digests.of(PythonText.json(sample.document(), 2, false)));
      all.append(Digests.of(first.prompt()));
      all.append(Digests.of(PythonText.str(result.task().target(sample.document()))));
    }
    return Digests.of(all.toString());
  }
}
