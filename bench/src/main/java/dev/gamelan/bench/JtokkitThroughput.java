package dev.gamelan.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * jtokkit's encoding speed on one thread, warmed up as {@link TokenizerThroughput} is: one line of
 * JSON a text.
 *
 * <p>Arguments: the seconds to measure each, the folder of texts, then names of encodings.
 */
public final class JtokkitThroughput {
  private JtokkitThroughput() {}

  public static void main(String[] arguments) throws IOException {
    double seconds = Double.parseDouble(arguments[0]);
    for (int i = 2; i < arguments.length; i++) {
      Encoding encoding =
          Encodings.newLazyEncodingRegistry()
              .getEncoding(EncodingType.valueOf(arguments[i].toUpperCase(Locale.ROOT)));
      for (String language : TokenizerThroughput.TEXTS) {
        measure(encoding, arguments[i], language, Path.of(arguments[1]), seconds);
      }
    }
  }

  private static void measure(
      Encoding encoding, String name, String language, Path folder, double seconds)
      throws IOException {
    List<String> texts = TokenizerThroughput.texts(folder, language);
    long bytes = 0;
    for (String text : texts) {
      bytes += text.getBytes(StandardCharsets.UTF_8).length;
    }
    double[] times = new double[1000];
    int passes = 0;
    long tokens = 0;
    long start = System.nanoTime();
    while (passes < 3 || System.nanoTime() - start < seconds * 1e9) {
      boolean warm = System.nanoTime() - start > seconds * 0.5e9;
      long before = System.nanoTime();
      tokens = 0;
      for (String text : texts) {
        tokens += encoding.encodeOrdinary(text).size();
      }
      if ((warm || passes < 3) && passes < times.length) {
        times[passes++] = (System.nanoTime() - before) / 1e9;
      }
    }
    Arrays.sort(times, 0, passes);
    List<int[]> ids =
        texts.stream().map(encoding::encodeOrdinary).map(IntArrayList::toArray).toList();
    TokenizerThroughput.print(
        "jtokkit",
        name,
        language,
        bytes / 1e6 / times[passes / 2],
        tokens,
        TokenizerThroughput.checksum(ids));
  }
}
