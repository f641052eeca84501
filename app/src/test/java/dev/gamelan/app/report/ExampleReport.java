package dev.gamelan.app.report;

import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.KeyValue;
import dev.gamelan.app.report.Block.KeyValues;
import dev.gamelan.app.report.Block.Paragraph;
import dev.gamelan.app.report.Block.Row;
import dev.gamelan.app.report.Block.Sample;
import dev.gamelan.app.report.Block.Samples;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import dev.gamelan.app.report.LineChart.Reference;
import dev.gamelan.app.report.LineChart.Series;
import dev.gamelan.app.report.LineChart.Style;
import dev.gamelan.tensor.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** A report with every kind of block, of made-up figures: for tests, and for looking at. */
public final class ExampleReport {
  static final int STEPS = 4000;

  private ExampleReport() {}

  /** Writes the example to the file named first. */
  public static void main(String[] arguments) throws IOException {
    report().write(Path.of(arguments[0]));
  }

  static Report report() {
    double[] steps = IntStream.rangeClosed(1, STEPS).asDoubleStream().toArray();
    double[] loss = new double[STEPS];
    double[] smooth = new double[STEPS];
    double[] rate = new double[STEPS];
    double[] speed = new double[STEPS];
    double mean = 8.3;
    for (int i = 0; i < STEPS; i++) {
      double noise = new CounterRandom(7, 0).normal(i);
      loss[i] = 3.1 + 5.2 * Math.exp(-i / 220.0) + 1.1 * Math.exp(-i / 1800.0) + 0.18 * noise;
      mean = 0.98 * mean + 0.02 * loss[i];
      smooth[i] = mean;
      rate[i] =
          i < 200
              ? 1e-3 * i / 200
              : 1e-4 + 9e-4 * (0.5 + 0.5 * Math.cos(Math.PI * (i - 200) / 3800));
      speed[i] = 21_000 + 400 * noise - (i % 500 == 0 ? 9000 : 0);
    }
    double[] at =
        DoubleStream.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4000).toArray();
    double[] validation =
        DoubleStream.of(at)
            .map(s -> 3.3 + 5 * Math.exp(-s / 220.0) + 0.9 * Math.exp(-s / 1800.0))
            .toArray();
    LineChart losses =
        new LineChart(
            "Loss",
            Axis.linear("step"),
            Axis.linear("loss, nats a token"),
            List.of(
                Series.of("each step", steps, loss, Style.FAINT),
                Series.line("mean of the last steps", steps, smooth),
                Series.of("validation", at, validation, Style.POINTS)),
            List.of(
                new Reference("unigram entropy", 6.418),
                new Reference("bigram entropy", 4.027),
                new Reference("uniform", Math.log(4096))));
    LineChart logarithmic =
        new LineChart(
            "Loss by step, both axes logarithmic",
            Axis.log("step"),
            Axis.log("loss, nats a token"),
            List.of(
                Series.of("validation", at, validation, Style.POINTS),
                Series.line("mean", steps, smooth)));
    return new Report(
        "Tour: a Pythia-shaped model of 3.4M parameters",
        "Trained for 6 min 02 s on 17.3 MB of Java sources and a small world; the validation loss"
            + " ended at 3.41 nats a token, below the corpus's bigram entropy of 4.03.",
        List.of(
            new Section(
                "Training",
                losses,
                logarithmic,
                new Row(
                    List.of(
                        new LineChart(
                            "Learning rate",
                            Axis.linear("step"),
                            Axis.linear("learning rate"),
                            List.of(Series.line("learning rate", steps, rate))),
                        new LineChart(
                            "Throughput",
                            Axis.linear("step"),
                            Axis.linear("tokens a second"),
                            List.of(Series.line("tokens/s", steps, speed)))))),
            new Section(
                "What it writes",
                Optional.of("Greedy but for a temperature of 0.8; one prompt, four checkpoints."),
                List.of(
                    new Samples(
                        List.of(
                            new Sample(
                                "step 0",
                                "Once upon a time",
                                " public\u0000<b>kw</b> \uD800 & the = = \u202Ereversed\n\n  import"),
                            new Sample(
                                "step 512 · loss 3.92",
                                "Once upon a time",
                                " there was a list of the list of the value of the list."),
                            new Sample(
                                "step 4000 · loss 3.41",
                                "/** Returns",
                                " the number of elements in this list.\n *\n * @return the number of elements in this list\n */\npublic int size() {\n  return size;\n}"))))),
            new Section(
                "Data",
                new Table(
                    List.of(
                        new Column("source", false),
                        new Column("licence", false),
                        new Column("documents", true),
                        new Column("tokens", true)),
                    List.of(
                        List.of(
                            "JDK 25 src.zip",
                            "GPL-2.0 with Classpath Exception",
                            "7,412",
                            "4,812,903"),
                        List.of("small world <generated>", "Apache-2.0", "20,000", "1,204,118"))),
                new BarChart(
                    "Compression",
                    "bytes a token (more is better)",
                    List.of(
                        new BarChart.Bar("java", 4.113),
                        new BarChart.Bar("world", 3.52),
                        new BarChart.Bar(
                            "a language with a very long name that never ends, or so it seems to the reader",
                            1.204),
                        new BarChart.Bar("vi", 2.4)))),
            new Section(
                "Machine and configuration",
                new Paragraph(
                    "The same seed on the same kernels gives the same weights, bit for bit."),
                new KeyValues(
                    List.of(
                        new KeyValue(
                            "processor", "AMD EPYC, 2 processors, 23.5 GB (avx2 fma f16c)"),
                        new KeyValue("seed", "1234"),
                        new KeyValue("layers × width × heads", "6 × 192 × 6"))))),
        "Example of figures that nobody measured.");
  }
}
