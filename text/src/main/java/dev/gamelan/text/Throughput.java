package dev.gamelan.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * How fast a tokenizer encodes texts, on one thread in a JVM that has warmed up.
 *
 * @param bytes the UTF-8 of the texts, in bytes
 * @param tokens the tokens of the texts
 * @param megabytesPerSecond millions of bytes of UTF-8 a second, the median of the passes measured
 * @param passes how often the texts were encoded while it was measured
 */
public record Throughput(long bytes, long tokens, double megabytesPerSecond, int passes) {
  /**
   * Encodes all of {@code texts} again and again: first, for half of {@code seconds}, to warm up,
   * then at least three times and until {@code seconds} are over.
   *
   * @throws IllegalArgumentException if the texts are empty or {@code seconds} isn't positive
   */
  public static Throughput measure(Tokenizer tokenizer, List<String> texts, double seconds) {
    long bytes = 0;
    for (String text : texts) {
      bytes += text.getBytes(StandardCharsets.UTF_8).length;
    }
    if (bytes == 0 || !(seconds > 0)) {
      throw new IllegalArgumentException(
          "throughput: %d bytes of text and %s seconds; both must be positive"
              .formatted(bytes, seconds));
    }
    long start = System.nanoTime();
    long tokens;
    do {
      tokens = pass(tokenizer, texts);
    } while (System.nanoTime() - start < seconds * 0.5e9);
    double[] times = new double[16];
    int passes = 0;
    while (passes < 3 || System.nanoTime() - start < seconds * 1e9) {
      if (passes == times.length) {
        times = Arrays.copyOf(times, 2 * passes);
      }
      long before = System.nanoTime();
      pass(tokenizer, texts);
      times[passes++] = (System.nanoTime() - before) / 1e9;
    }
    Arrays.sort(times, 0, passes);
    return new Throughput(bytes, tokens, bytes / 1e6 / times[passes / 2], passes);
  }

  private static long pass(Tokenizer tokenizer, List<String> texts) {
    long tokens = 0;
    for (String text : texts) {
      tokens += tokenizer.encode(text).length;
    }
    return tokens;
  }
}
