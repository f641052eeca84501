package dev.gamelan.app.command;

import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.Version;
import dev.gamelan.app.tokens.Comparison;
import dev.gamelan.app.tokens.Comparison.Named;
import dev.gamelan.app.tokens.ComparisonReport;
import dev.gamelan.app.tokens.Sample;
import dev.gamelan.data.Corpus;
import dev.gamelan.data.CorpusOptions;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.Tokenizers;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan tokenizer compare}. */
@Command(
    name = "compare",
    description =
        "Compare tokenizers: tokens a byte, a character and a word, language by language.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer compare --tokenizers gpt2=gpt2/vocab.bpe,mine=runs/tokenizer"
          + " --text en=english.txt,vi=vietnamese/,zh=poems.jsonl.gz --out compare.html",
      "  gamelan tokenizer compare --tokenizers llama2/tokenizer.model,qwen3/tokenizer.json --jsonl"
          + " udhr-532-translations.jsonl.gz --language-field title --out udhr.html",
      "",
      "A tokenizer's compression is how many tokens the baseline needs for one of its own."
    })
final class TokenizerCompareCommand extends Stage {
  @Option(
      names = "--tokenizers",
      required = true,
      split = ",",
      paramLabel = "[NAME=]X",
      description = {
        "The tokenizers, of any format, between commas; with a name each, or called as their files or"
            + " folders are."
      })
  private List<String> tokenizers = new ArrayList<>();

  @Option(
      names = "--baseline",
      paramLabel = "NAME",
      description = "The tokenizer that the others are compared with (default: the first).")
  private Optional<String> baseline = Optional.empty();

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "LANGUAGE=PATH",
      description = {
        "Texts of a language: text files, JSON lines, packed or not, or a folder of them; several"
            + " between commas."
      })
  private Map<String, Path> texts = new LinkedHashMap<>();

  @Option(
      names = "--jsonl",
      paramLabel = "FILE",
      description = "JSON lines of many languages, gzipped or not, instead of --text.")
  private Optional<Path> jsonl = Optional.empty();

  @Option(
      names = "--language-field",
      paramLabel = "NAME",
      defaultValue = "language",
      description = "The field of a JSON line that names its language (default: ${DEFAULT-VALUE}).")
  private String languageField;

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "The field of a JSON line that holds the text (default: ${DEFAULT-VALUE}).")
  private String textField;

  @Option(
      names = "--draw",
      split = ";",
      paramLabel = "LANGUAGE",
      description = {
        "Languages that get a chart each in the report, between semicolons (default: all, where they"
            + " are few)."
      })
  private List<String> drawn = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "Write a report with charts to this file.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "Print all figures as one JSON object.")
  private boolean json;

  TokenizerCompareCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (texts.isEmpty() == jsonl.isEmpty()) {
      throw badUsage("say what to compare them on: --text LANGUAGE=PATH,… or --jsonl FILE");
    }
    List<Named> named = new ArrayList<>();
    for (String each : tokenizers) {
      named.add(open(each));
      Named last = named.getLast();
      if (named.stream().filter(n -> n.name().equals(last.name())).count() > 1) {
        throw badUsage(
            "two tokenizers are called '%s'; name them: NAME=PATH".formatted(last.name()));
      }
    }
    int base = 0;
    if (baseline.isPresent()) {
      List<String> names = named.stream().map(Named::name).toList();
      base = names.indexOf(baseline.get());
      if (base < 0) {
        throw badUsage("--baseline '%s' is none of %s".formatted(baseline.get(), names));
      }
    }
    List<Sample> samples = samples();
    for (String language : drawn) {
      if (samples.stream().noneMatch(sample -> sample.language().equals(language))) {
        throw badUsage("--draw '%s': the texts have no such language".formatted(language));
      }
    }
    Comparison comparison;
    try (LiveLine line = new LiveLine(shell())) {
      int[] done = {0};
      comparison =
          Comparison.of(
              named,
              samples,
              base,
              () -> {
                done[0]++;
                line.show(() -> "encoding  %d of %d tokenizers".formatted(done[0], named.size()));
              });
    }
    if (out.isPresent()) {
      ComparisonReport.of(comparison, drawn, String.join("  ·  ", Version.lines(shell().home())))
          .write(out.get());
    }
    shell().out().println(json ? json(comparison) : table(comparison));
    return DONE;
  }

  private static Named open(String argument) throws IOException {
    int equals = argument.indexOf('=');
    Path path = Path.of(argument.substring(equals + 1));
    String name = equals > 0 ? argument.substring(0, equals) : called(path);
    return new Named(name, Tokenizers.open(path));
  }

  // tokenizer.json and its like say nothing: their folder does.
  private static String called(Path path) {
    String file = path.getFileName().toString();
    Path parent = path.toAbsolutePath().getParent();
    return file.matches("tokenizer\\..*|vocab\\..*|merges\\..*") && parent.getFileName() != null
        ? parent.getFileName().toString()
        : file.replaceFirst("(\\.(json|model|tiktoken|gguf|bin))?(\\.gz)?$", "");
  }

  private List<Sample> samples() throws IOException {
    Map<String, List<String>> byLanguage = new LinkedHashMap<>();
    if (jsonl.isPresent()) {
      readLines(jsonl.get(), byLanguage);
    }
    for (Map.Entry<String, Path> each : texts.entrySet()) {
      CorpusOptions options = CorpusOptions.defaults().withTextField(textField);
      List<String> all = byLanguage.computeIfAbsent(each.getKey(), _ -> new ArrayList<>());
      try (DocumentStream documents = Corpus.of(List.of(each.getValue()), options).open()) {
        documents.texts().forEachRemaining(all::add);
      }
    }
    List<Sample> samples = new ArrayList<>();
    byLanguage.forEach((language, all) -> samples.add(Sample.of(language, all)));
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("the texts are empty");
    }
    return samples;
  }

  private void readLines(Path file, Map<String, List<String>> byLanguage) throws IOException {
    int number = 0;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
      raw.reset();
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(gzip ? new GZIPInputStream(raw) : raw, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonNode object = JsonMapper.shared().readTree(line);
        JsonNode language = object.path(languageField);
        JsonNode text = object.path(textField);
        if (!language.isString() || !text.isString()) {
          throw new IllegalArgumentException(
              "%s, line %d: no strings \"%s\" and \"%s\"; see --language-field and --text-field"
                  .formatted(file, number, languageField, textField));
        }
        byLanguage
            .computeIfAbsent(language.stringValue(), _ -> new ArrayList<>())
            .add(text.stringValue());
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s, line %d: not JSON: %s".formatted(file, number, e.getOriginalMessage()), e);
    }
  }

  private static String table(Comparison all) {
    StringBuilder text = new StringBuilder();
    int width = 8;
    for (Sample sample : all.samples()) {
      width = Math.max(width, Math.min(32, sample.language().length()));
    }
    for (int t = 0; t < all.tokenizers().size(); t++) {
      Named named = all.tokenizers().get(t);
      text.append(
          "%s  (%,d tokens)%s%n"
              .formatted(
                  named.name(),
                  named.tokenizer().vocabularySize(),
                  t == all.baseline() ? "  baseline" : ""));
      text.append(
          ("  %-" + width + "s %9s %9s %9s %12s%n")
              .formatted("", "a byte", "a char", "a word", "compression"));
      for (int s = 0; s < all.samples().size(); s++) {
        String language = all.samples().get(s).language();
        double against = all.against(t, s);
        text.append(
            ("  %-" + width + "s %9s %9s %9s %12s%s%n")
                .formatted(
                    language.length() > width ? language.substring(0, width) : language,
                    figure(all.perByte(t, s)),
                    figure(all.perCharacter(t, s)),
                    figure(all.perWord(t, s)),
                    Double.isNaN(against) ? "–" : figure(against),
                    all.count(t, s).whole()
                        ? ""
                        : "  lost: %.0f%% of the letters have no token"
                            .formatted(100 * (1 - all.count(t, s).kept()))));
      }
    }
    return text.toString().stripTrailing();
  }

  private static String figure(double x) {
    return String.format(Locale.ROOT, x < 10 ? "%.3f" : "%.1f", x);
  }

  private static String json(Comparison all) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    root.put("baseline", all.tokenizers().get(all.baseline()).name());
    ObjectNode languages = root.putObject("languages");
    for (Sample sample : all.samples()) {
      languages
          .putObject(sample.language())
          .put("bytes", sample.bytes())
          .put("characters", sample.characters())
          .put("words", sample.words());
    }
    ObjectNode tokenizers = root.putObject("tokenizers");
    for (int t = 0; t < all.tokenizers().size(); t++) {
      Named named = all.tokenizers().get(t);
      ObjectNode one = tokenizers.putObject(named.name());
      one.put("vocabulary", named.tokenizer().vocabularySize());
      ObjectNode byLanguage = one.putObject("languages");
      for (int s = 0; s < all.samples().size(); s++) {
        ObjectNode node = byLanguage.putObject(all.samples().get(s).language());
        node.put("tokens", all.count(t, s).tokens())
            .put("tokens_per_byte", all.perByte(t, s))
            .put("tokens_per_character", all.perCharacter(t, s))
            .put("tokens_per_word", all.perWord(t, s))
            .put("letters_kept", all.count(t, s).kept());
        if (!Double.isNaN(all.against(t, s))) {
          node.put("compression", all.against(t, s));
        }
      }
    }
    return JsonMapper.shared().writeValueAsString(root);
  }
}
