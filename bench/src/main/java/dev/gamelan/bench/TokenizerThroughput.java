package dev.gamelan.bench;

import dev.gamelan.text.Throughput;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import tools.jackson.databind.json.JsonMapper;

/**
 * Encoding speed of Gamelan's tokenizers on one thread: one line of JSON a text.
 *
 * <p>Arguments: the seconds to measure each, the folder of texts, then NAME=FILE for each
 * tokenizer.
 */
public final class TokenizerThroughput {
  static final List<String> TEXTS = List.of("en", "vi", "zh", "java");

  private TokenizerThroughput() {}

  public static void main(String[] arguments) throws IOException {
    double seconds = Double.parseDouble(arguments[0]);
    for (int i = 2; i < arguments.length; i++) {
      String[] named = arguments[i].split("=", 2);
      Tokenizer tokenizer = Tokenizers.open(Path.of(named[1]));
      for (String language : TEXTS) {
        List<String> texts = texts(Path.of(arguments[1]), language);
        Throughput speed = Throughput.measure(tokenizer, texts, seconds);
        print(
            "gamelan",
            named[0],
            language,
            speed.megabytesPerSecond(),
            speed.tokens(),
            checksum(texts.stream().map(tokenizer::encode).toList()));
      }
    }
  }

  static List<String> texts(Path folder, String language) throws IOException {
    JsonMapper mapper = JsonMapper.shared();
    return Files.readAllLines(folder.resolve(language + ".jsonl")).stream()
        .map(line -> mapper.readTree(line).get("text").stringValue())
        .toList();
  }

  static void print(
      String engine, String tokenizer, String text, double speed, long tokens, long checksum) {
    System.out.printf(
        "{\"engine\": \"%s\", \"tokenizer\": \"%s\", \"text\": \"%s\", \"mb_per_second\": %.3f,"
            + " \"tokens\": %d, \"crc32\": %d}%n",
        engine, tokenizer, text, speed, tokens, checksum);
  }

  /** CRC-32 of all ids as little-endian int32. */
  static long checksum(List<int[]> rows) {
    CRC32 crc = new CRC32();
    for (int[] row : rows) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(row);
      crc.update(bytes.array());
    }
    return crc.getValue();
  }
}
