package dev.gamelan.app.tokens;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every published tokenizer of the shared assets: how many of the vectors that other
 * implementations gave it reproduces, how fast it encodes, and into how many tokens.
 */
public final class Survey {
  private static final long WARM_NANOS = 700_000_000;
  private static final int RUNS = 5;
  private static final long RUN_NANOS = 200_000_000;
  private static final int PART_CHARS = 4_000;

  /** Languages of the declaration of human rights, by the ids of its variants. */
  private static final List<String[]> LANGUAGES =
      List.of(
          new String[] {"English", "eng"},
          new String[] {"Vietnamese", "vie"},
          new String[] {"Chinese", "cmn_hans"},
          new String[] {"Russian", "rus"},
          new String[] {"Arabic", "arb"});

  /**
   * One tokenizer.
   *
   * @param name what it is called
   * @param vocabulary how many ids it has
   * @param passed how many vectors it reproduces
   * @param vectors of how many
   * @param megabytesPerSecond encoding English, Vietnamese and Chinese prose by one thread, warm
   * @param tokensPerByte by language, in the order of {@link #languages}
   */
  public record Line(
      String name,
      int vocabulary,
      int passed,
      int vectors,
      double megabytesPerSecond,
      List<Double> tokensPerByte) {}

  private final Path assets;

  /** Of the shared assets in a folder. */
  public Survey(Path assets) {
    this.assets = assets;
  }

  /** The languages that tokens are counted in. */
  public static List<String> languages() {
    return LANGUAGES.stream().map(language -> language[0]).toList();
  }

  /**
   * Looks at all of them.
   *
   * @param told is given each name before its turn
   * @throws IOException if an asset can't be read
   */
  public List<Line> run(Consumer<String> told) throws IOException {
    Vectors vectors = new Vectors(assets.resolve("tokenizers"));
    List<String> prose = prose();
    List<Sample> samples = declaration();
    List<Line> lines = new ArrayList<>();
    for (String[] entry : entries()) {
      told.accept(entry[0]);
      Tokenizer tokenizer = Tokenizers.open(vectors.file(entry[1]));
      int passed = 0;
      int all = 0;
      for (String set : entry[2].equals("-") ? new String[0] : entry[2].split(" ")) {
        for (Vectors.Vector vector : vectors.of(set)) {
          passed += vector.passes(tokenizer) ? 1 : 0;
          all++;
        }
      }
      List<Double> perByte = new ArrayList<>();
      Comparison counts =
          Comparison.of(List.of(new Comparison.Named(entry[0], tokenizer)), samples, 0, () -> {});
      for (int s = 0; s < samples.size(); s++) {
        perByte.add(counts.count(0, s).whole() ? counts.perByte(0, s) : Double.NaN);
      }
      lines.add(
          new Line(
              entry[0], tokenizer.vocabularySize(), passed, all, speed(tokenizer, prose), perByte));
    }
    return lines;
  }

  private static List<String[]> entries() throws IOException {
    try (InputStream in = Survey.class.getResourceAsStream("survey.csv")) {
      List<String[]> entries = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (!line.startsWith("#") && !line.isBlank()) {
          entries.add(line.split("; "));
        }
      }
      return entries;
    }
  }

  private List<Sample> declaration() throws IOException {
    List<Sample> samples = new ArrayList<>();
    String all = new Vectors(assets.resolve("corpora")).text("udhr-532-translations.jsonl");
    for (String[] language : LANGUAGES) {
      for (String line : all.split("\n")) {
        JsonNode object = JsonMapper.shared().readTree(line);
        if (object.path("id").stringValue("").equals(language[1])) {
          samples.add(Sample.of(language[0], List.of(object.get("text").stringValue())));
        }
      }
    }
    return samples;
  }

  // About a megabyte of each of three languages, in parts like documents.
  private List<String> prose() throws IOException {
    Vectors corpora = new Vectors(assets.resolve("corpora"));
    List<String> parts = new ArrayList<>();
    add(corpora.text("gutenberg/war-and-peace/2600-0.txt"), 1_000_000, parts);
    add(joined(corpora.text("vietnamese/viwiki-3500.jsonl"), 800_000), 800_000, parts);
    add(joined(corpora.text("chinese/chinese-poems-40k.jsonl"), 350_000), 350_000, parts);
    return parts;
  }

  private static String joined(String jsonl, int chars) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (text.length() < chars && at < jsonl.length()) {
      int end = jsonl.indexOf('\n', at);
      end = end < 0 ? jsonl.length() : end;
      JsonNode line = JsonMapper.shared().readTree(jsonl.substring(at, end));
      text.append(line.path("text").stringValue("")).append('\n');
      at = end + 1;
    }
    return text.toString();
  }

  private static void add(String text, int chars, List<String> parts) {
    int end = Math.min(chars, text.length());
    for (int at = 0; at < end; at += PART_CHARS) {
      parts.add(text.substring(at, Math.min(end, at + PART_CHARS)));
    }
  }

  // The median of several runs, each of whole rounds through all parts.
  private static double speed(Tokenizer tokenizer, List<String> parts) {
    double bytes = 0;
    for (String part : parts) {
      bytes += part.getBytes(StandardCharsets.UTF_8).length;
    }
    rounds(tokenizer, parts, WARM_NANOS);
    double[] perSecond = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      perSecond[run] = bytes / rounds(tokenizer, parts, RUN_NANOS) * 1e9 / 1e6;
    }
    Arrays.sort(perSecond);
    return perSecond[RUNS / 2];
  }

  // Nanoseconds a round.
  private static double rounds(Tokenizer tokenizer, List<String> parts, long nanos) {
    long began = System.nanoTime();
    long tokens = 0;
    int rounds = 0;
    do {
      for (String part : parts) {
        tokens += tokenizer.encode(part).length;
      }
      rounds++;
    } while (System.nanoTime() - began < nanos);
    if (tokens < 0) {
      throw new IllegalStateException("tokens: " + tokens);
    }
    return (double) (System.nanoTime() - began) / rounds;
  }

  /** The lines as a Markdown table. */
  public static String markdown(List<Line> lines) {
    StringBuilder out = new StringBuilder("| Tokenizer | Ids | Vectors | MB/s |");
    languages().forEach(language -> out.append(' ').append(language).append(" |"));
    out.append("\n|---|---:|---:|---:|").append("---:|".repeat(LANGUAGES.size())).append('\n');
    for (Line line : lines) {
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %s | %.1f |",
              line.name(),
              line.vocabulary(),
              line.vectors() == 0 ? "–" : line.passed() + " of " + line.vectors(),
              line.megabytesPerSecond()));
      for (double perByte : line.tokensPerByte()) {
        out.append(Double.isNaN(perByte) ? " – |" : String.format(Locale.ROOT, " %.3f |", perByte));
      }
      out.append('\n');
    }
    return out.toString();
  }
}
