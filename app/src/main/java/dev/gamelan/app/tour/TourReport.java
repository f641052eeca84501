package dev.gamelan.app.tour;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Machine;
import dev.gamelan.app.console.Version;
import dev.gamelan.app.report.Axis;
import dev.gamelan.app.report.Block;
import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.KeyValue;
import dev.gamelan.app.report.Block.KeyValues;
import dev.gamelan.app.report.Block.Row;
import dev.gamelan.app.report.Block.Sample;
import dev.gamelan.app.report.Block.Samples;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import dev.gamelan.app.report.LineChart;
import dev.gamelan.app.report.Report;
import dev.gamelan.data.shard.Manifest;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.stats.CorpusEntropy;
import dev.gamelan.model.Decoder;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.train.Trainer;
import dev.gamelan.train.TrainingConfig;
import dev.gamelan.train.TrainingSetup;
import dev.gamelan.train.metrics.MetricsLog;
import dev.gamelan.train.metrics.StepMetrics;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The report of a tour, from the files that the run left. */
public final class TourReport {
  private static final int SMOOTHING = 20;

  private TourReport() {}

  /** The newest validation loss of a run, in nats a token. */
  public static double lastValidation(TrainingSetup setup) {
    return MetricsLog.read(setup.run().resolve("metrics.jsonl")).stream()
        .flatMapToDouble(m -> m.number("validation_loss").stream())
        .reduce((a, b) -> b)
        .orElse(Double.NaN);
  }

  /** Puts the report together. */
  public static Report of(
      TrainingSetup setup,
      TourCorpus corpus,
      TokenDataset data,
      CorpusEntropy entropy,
      Kernels kernels,
      Optional<Path> home) {
    List<StepMetrics> metrics = MetricsLog.read(setup.run().resolve("metrics.jsonl"));
    List<StepMetrics> timing = MetricsLog.read(setup.run().resolve("timing.jsonl"));
    List<StepMetrics> samples = MetricsLog.read(setup.run().resolve("samples.jsonl"));
    Decoder decoder = new Decoder(setup.family().spec());
    double seconds = timing.stream().mapToDouble(m -> m.number("seconds").orElse(0)).sum();
    String summary =
        String.format(
            Locale.ROOT,
            "%s of text became %s tokens; a Pythia-shaped model of %s parameters learnt from %s of them in %s. Validation loss %.3f nats a token; counting words gives %.3f, counting pairs %.3f.",
            Figures.bytes(data.manifest().bytes()),
            Figures.count(data.tokens()),
            Figures.count(decoder.parameterCount()),
            Figures.count(setup.config().steps() * setup.config().tokensPerStep()),
            Figures.time(java.time.Duration.ofMillis((long) (1000 * seconds))),
            lastValidation(setup),
            entropy.unigramValidation(),
            entropy.bigramValidation());
    List<Section> sections = new ArrayList<>();
    sections.add(learning(metrics, timing, entropy));
    sections.add(writing(samples));
    sections.add(dataSection(corpus, data, entropy));
    sections.add(run(setup, decoder, kernels));
    return new Report(
        "Gamelan: from raw text to a model that writes",
        summary,
        sections,
        String.join("  ·  ", Version.lines(home)));
  }

  private static Section learning(
      List<StepMetrics> metrics, List<StepMetrics> timing, CorpusEntropy entropy) {
    LineChart.Series raw = series("each step", metrics, "loss", LineChart.Style.FAINT);
    LineChart loss =
        new LineChart(
            "Loss",
            Axis.linear("step"),
            Axis.linear("loss, nats a token"),
            List.of(
                raw,
                smoothed(raw),
                series("validation", metrics, "validation_loss", LineChart.Style.POINTS)),
            List.of(
                new LineChart.Reference("unigram entropy", entropy.unigramValidation()),
                new LineChart.Reference("bigram entropy", entropy.bigramValidation())));
    LineChart rate =
        new LineChart(
            "Learning rate",
            Axis.linear("step"),
            Axis.linear("learning rate"),
            List.of(series("rate", metrics, "learning_rate", LineChart.Style.LINE)));
    LineChart speed =
        new LineChart(
            "Throughput",
            Axis.linear("step"),
            Axis.linear("tokens a second"),
            List.of(series("speed", timing, "tokens_per_second", LineChart.Style.LINE)));
    LineChart norm =
        new LineChart(
            "Gradient norm",
            Axis.linear("step"),
            Axis.log("norm before clipping"),
            List.of(series("norm", metrics, "gradient_norm", LineChart.Style.LINE)));
    return new Section(
        "Learning",
        Optional.of(
            "The dashed lines are what counting alone reaches on the held-out text: the frequencies of single tokens, and of pairs."),
        List.of(loss, new Row(List.of(rate, speed)), norm));
  }

  private static LineChart.Series series(
      String name, List<StepMetrics> metrics, String value, LineChart.Style style) {
    List<StepMetrics> there = metrics.stream().filter(m -> m.number(value).isPresent()).toList();
    return LineChart.Series.of(
        name,
        there.stream().mapToDouble(StepMetrics::step).toArray(),
        there.stream().mapToDouble(m -> m.number(value).getAsDouble()).toArray(),
        style);
  }

  /** Means over the last {@link #SMOOTHING} steps. */
  private static LineChart.Series smoothed(LineChart.Series raw) {
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < raw.y().size(); i++) {
      means.add(
          raw.y().subList(Math.max(0, i + 1 - SMOOTHING), i + 1).stream()
              .mapToDouble(y -> y)
              .average()
              .orElseThrow());
    }
    return new LineChart.Series("mean of " + SMOOTHING, raw.x(), means, LineChart.Style.LINE);
  }

  private static Section writing(List<StepMetrics> samples) {
    List<Sample> texts = new ArrayList<>();
    for (StepMetrics step : samples) {
      step.values()
          .forEach(
              (prompt, text) ->
                  texts.add(new Sample("step " + step.step(), prompt, text.toString())));
    }
    return new Section(
        "What it wrote",
        Optional.of("The same prompts and the same random numbers at each checkpoint."),
        List.of(new Samples(texts)));
  }

  private static Section dataSection(TourCorpus corpus, TokenDataset data, CorpusEntropy entropy) {
    Map<String, long[]> bySource = new TreeMap<>();
    for (Manifest.SourceTotal total : data.manifest().sources()) {
      String licence = total.licence().orElse("unknown");
      long[] sums =
          bySource.computeIfAbsent(group(total.source()) + "\t" + licence, k -> new long[3]);
      sums[0] += total.documents();
      sums[1] += total.tokens();
      sums[2] += total.bytes();
    }
    List<List<String>> rows = new ArrayList<>();
    bySource.forEach(
        (key, sums) ->
            rows.add(
                List.of(
                    key.split("\t")[0],
                    key.split("\t")[1],
                    "%,d".formatted(sums[0]),
                    "%,d".formatted(sums[1]),
                    Figures.bytes(sums[2]))));
    Table table =
        new Table(
            List.of(
                new Column("source", false),
                new Column("licence", false),
                new Column("documents", true),
                new Column("tokens", true),
                new Column("text", true)),
            rows);
    return new Section(
        "Data",
        Optional.of("Learnt from " + corpus.description() + "."),
        List.of(
            table,
            new KeyValues(
                List.of(
                    new KeyValue(
                        "entropy of single tokens, held out",
                        "%.4f nats".formatted(entropy.unigramValidation())),
                    new KeyValue(
                        "entropy of the next token given one, held out",
                        "%.4f nats".formatted(entropy.bigramValidation())),
                    new KeyValue("training tokens", "%,d".formatted(entropy.trainingTokens())),
                    new KeyValue("held-out tokens", "%,d".formatted(entropy.validationTokens())),
                    new KeyValue("fingerprint", data.manifest().fingerprint())))));
  }

  /** The first two parts of a source: world/stories, jdk/java.base. */
  private static String group(String source) {
    return String.join("/", Arrays.stream(source.split("/")).limit(2).toList());
  }

  private static Section run(TrainingSetup setup, Decoder decoder, Kernels kernels) {
    TrainingConfig config = setup.config();
    List<KeyValue> settings = new ArrayList<>();
    for (RecordComponent component : TrainingConfig.class.getRecordComponents()) {
      try {
        settings.add(
            new KeyValue(
                component.getName(), String.valueOf(component.getAccessor().invoke(config))));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a record has its components", e);
      }
    }
    Machine machine = Machine.here();
    List<KeyValue> facts =
        List.of(
            new KeyValue("machine", machine.oneLine()),
            new KeyValue("kernels", kernels.name() + ", " + kernels.hardware()),
            new KeyValue("compute mode", kernels.mode().name()),
            new KeyValue("threads", Integer.toString(kernels.threads())),
            new KeyValue("parameters", "%,d".formatted(decoder.parameterCount())),
            new KeyValue("arithmetic", "%.1f MFLOP a token".formatted(flops(setup) / 1e6)),
            new KeyValue("model", setup.family().config().toString()));
    return new Section(
        "The run",
        Optional.of("The same settings, seed and kernels give the same weights, bit for bit."),
        List.<Block>of(new KeyValues(facts), new KeyValues(settings)));
  }

  private static double flops(TrainingSetup setup) {
    return Trainer.flopsPerToken(setup.config(), setup.family());
  }
}
