package dev.gamelan.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
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
 * What {@link TokenizerBenchmark} measures, by jtokkit, the peer on the JVM. All documents must
 * come back from their ids.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JtokkitBenchmark {
  @Param({"cl100k_base", "o200k_base"})
  public String tokenizer;

  @Param({"en", "vi", "zh", "java"})
  public String text;

  /** The folder that {@link TokenizerTexts} wrote. */
  @Param("bench/target/texts")
  public String texts;

  private Encoding jtokkit;
  private String[] documents;
  private IntArrayList[] ids;
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
    EncodingType type = EncodingType.fromName(tokenizer).orElseThrow();
    jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(type);
    List<String> all = TokenizerThroughput.texts(Path.of(texts), text);
    documents = all.toArray(String[]::new);
    ids = new IntArrayList[documents.length];
    megabytes = new double[documents.length];
    for (int i = 0; i < documents.length; i++) {
      ids[i] = jtokkit.encodeOrdinary(documents[i]);
      megabytes[i] = documents[i].getBytes(StandardCharsets.UTF_8).length / 1e6;
      if (!jtokkit.decode(ids[i]).equals(documents[i])) {
        throw new IllegalStateException(
            "%s: document %d of %s doesn't come back from its ids".formatted(tokenizer, i, text));
      }
    }
  }

  @Benchmark
  public IntArrayList encode(Rate rate) {
    int i = turn(rate);
    return jtokkit.encodeOrdinary(documents[i]);
  }

  @Benchmark
  public String decode(Rate rate) {
    int i = turn(rate);
    return jtokkit.decode(ids[i]);
  }

  private int turn(Rate rate) {
    next = next + 1 == documents.length ? 0 : next + 1;
    rate.megabytes += megabytes[next];
    return next;
  }
}
