package dev.gamelan.hub;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files of a repository are wanted.
 *
 * @param all every file; otherwise, of a model, what is needed to run it
 * @param include if there are any, files that match one of these and no others; {@code *} also
 *     stands for slashes, as in Hugging Face's tools
 * @param exclude not these
 */
public record Selection(boolean all, List<String> include, List<String> exclude) {
  /** What is needed to run a model; every file of a dataset. */
  public static final Selection USUAL = new Selection(false, List.of(), List.of());

  private static final Pattern BESIDE =
      Pattern.compile(
          "(config|generation_config|adapter_config|tokenizer|tokenizer_config|special_tokens_map"
              + "|added_tokens|vocab|encoder|tekken|params|chat_template|preprocessor_config"
              + "|processor_config)\\.json|tokenizer\\.model(\\.v\\d+)?|spiece\\.model"
              + "|sentencepiece\\.bpe\\.model|merges\\.txt|vocab\\.(bpe|txt)|.*\\.tiktoken"
              + "|chat_template\\.jinja|additional_chat_templates/.*\\.jinja|README(\\.md)?"
              + "|(LICEN[CS]E|NOTICE|USE_POLICY|COPYING)[^/]*",
          Pattern.CASE_INSENSITIVE);

  /** Weights by what we would rather load; the first that a repository has is taken. */
  private static final List<Pattern> WEIGHTS =
      List.of(
          Pattern.compile("model\\.safetensors"),
          Pattern.compile("model\\.safetensors\\.index\\.json|model-\\d+-of-\\d+\\.safetensors"),
          Pattern.compile("adapter_model\\.safetensors"),
          Pattern.compile("(?!consolidated)[^/]*\\.safetensors(\\.index\\.json)?"),
          Pattern.compile("pytorch_model\\.bin"),
          Pattern.compile("pytorch_model\\.bin\\.index\\.json|pytorch_model-\\d+-of-\\d+\\.bin"),
          Pattern.compile("adapter_model\\.bin"),
          Pattern.compile("consolidated[^/]*\\.safetensors(\\.index\\.json)?"),
          Pattern.compile("[^/]*\\.pth"),
          Pattern.compile("(?!training_args|optimizer|scheduler)[^/]*\\.(bin|pt)"));

  private static final Pattern SHARD = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
  private static final Pattern QUANTIZATION =
      Pattern.compile(
          "(?i)(?:^|[-_./])((?:UD-)?(?:I?Q\\d(?:_[A-Z0-9]+)*|TQ\\d_\\d|MXFP4(?:_MOE)?|BF16|F16|FP16|F32|FP32))(?=[-_./]|$)");
  private static final String DEFAULT_QUANTIZATION = "Q4_K_M";

  /** Keeps copies. */
  public Selection {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
    if (all && !include.isEmpty()) {
      throw new IllegalArgumentException(
          "all files and only those of a pattern are wanted; give one of --all and --include");
    }
  }

  /**
   * The wanted among {@code files}.
   *
   * @throws IllegalArgumentException if what the name names isn't there, or it must be said which
   *     of several is wanted
   */
  List<HubFile> of(HubName name, List<HubFile> files) {
    List<HubFile> wanted;
    if (name.what().isPresent()) {
      wanted = named(name, name.what().get(), files);
    } else if (!include.isEmpty() || all || name.kind() == HubName.Kind.DATASET) {
      wanted = files;
    } else {
      wanted = runnable(name, files);
    }
    Predicate<String> included = anyOf(include);
    Predicate<String> excluded = anyOf(exclude);
    List<HubFile> chosen =
        wanted.stream()
            .filter(f -> include.isEmpty() || included.test(f.path()))
            .filter(f -> !excluded.test(f.path()))
            .toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: none of its %d files is wanted by --include %s --exclude %s; there are %s"
              .formatted(name, files.size(), include, exclude, some(paths(files))));
    }
    return chosen;
  }

  /** One file by its path, or a quantization. */
  private static List<HubFile> named(HubName name, String what, List<HubFile> files) {
    Optional<HubFile> exact = files.stream().filter(f -> f.path().equals(what)).findFirst();
    if (exact.isPresent()) {
      return withShards(exact.get(), files);
    }
    Map<String, List<HubFile>> known = quantizations(files);
    List<HubFile> found = known.get(what.toUpperCase(Locale.ROOT));
    if (found != null) {
      return one(name, what, found, files);
    }
    throw new IllegalArgumentException(
        known.isEmpty()
            ? "%s: there is no file '%s'; there are %s"
                .formatted(name.whole(), what, some(paths(files)))
            : "%s: there is neither a file nor a quantization '%s'; there are %s"
                .formatted(name.whole(), what, String.join(", ", known.keySet())));
  }

  private static List<HubFile> runnable(HubName name, List<HubFile> files) {
    List<HubFile> chosen = new ArrayList<>(matching(BESIDE, files));
    for (Pattern weights : WEIGHTS) {
      List<HubFile> found = matching(weights, files);
      // An index alone is no weights.
      if (found.stream().anyMatch(f -> !f.path().endsWith(".json"))) {
        chosen.addAll(found);
        return chosen;
      }
    }
    Map<String, List<HubFile>> known = quantizations(files);
    List<HubFile> gguf =
        files.stream().filter(f -> f.path().endsWith(".gguf") && !isProjector(f)).toList();
    if (gguf.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: it has no weights that are known here (safetensors, .bin, .pth, .gguf); --all takes all of %s"
              .formatted(name, some(paths(files))));
    }
    List<HubFile> whole = withShards(gguf.getFirst(), gguf);
    if (whole.size() == gguf.size()) {
      chosen.addAll(whole);
    } else if (known.containsKey(DEFAULT_QUANTIZATION)) {
      chosen.addAll(one(name, DEFAULT_QUANTIZATION, known.get(DEFAULT_QUANTIZATION), gguf));
    } else {
      throw new IllegalArgumentException(
          "%s: it has several GGUF files; say which, e.g. %s:%s; there are %s"
              .formatted(
                  name,
                  name,
                  known.isEmpty() ? gguf.getFirst().path() : known.keySet().iterator().next(),
                  known.isEmpty() ? some(paths(gguf)) : String.join(", ", known.keySet())));
    }
    return chosen;
  }

  /** The file of a quantization, with its shards. */
  private static List<HubFile> one(
      HubName name, String what, List<HubFile> found, List<HubFile> files) {
    List<HubFile> whole = withShards(found.getFirst(), files);
    if (whole.containsAll(found)) {
      return whole;
    }
    throw new IllegalArgumentException(
        "%s: several files are %s: %s; name one of them"
            .formatted(name.whole(), what, paths(found)));
  }

  private static List<HubFile> withShards(HubFile file, List<HubFile> files) {
    Matcher shard = SHARD.matcher(file.path());
    if (!shard.matches()) {
      return List.of(file);
    }
    return files.stream()
        .filter(
            f -> {
              Matcher other = SHARD.matcher(f.path());
              return other.matches()
                  && other.group(1).equals(shard.group(1))
                  && other.group(3).equals(shard.group(3));
            })
        .toList();
  }

  /** GGUF files by the quantization in their names, in capitals. */
  private static Map<String, List<HubFile>> quantizations(List<HubFile> files) {
    Map<String, List<HubFile>> known = new LinkedHashMap<>();
    for (HubFile file : files) {
      if (file.path().endsWith(".gguf") && !isProjector(file)) {
        String stem = file.name().substring(0, file.name().length() - ".gguf".length());
        Matcher m = QUANTIZATION.matcher(stem);
        String last = null;
        // The last is the quantization: a model's own name may hold something like it.
        for (int at = 0; m.find(at); at = m.end(1)) {
          last = m.group(1);
        }
        if (last != null) {
          known.computeIfAbsent(last.toUpperCase(Locale.ROOT), _ -> new ArrayList<>()).add(file);
        }
      }
    }
    return known;
  }

  /** The vision tower beside a language model. */
  private static boolean isProjector(HubFile file) {
    return file.name().startsWith("mmproj");
  }

  private static List<HubFile> matching(Pattern pattern, List<HubFile> files) {
    return files.stream().filter(f -> pattern.matcher(f.path()).matches()).toList();
  }

  private static Predicate<String> anyOf(List<String> globs) {
    List<Pattern> patterns = globs.stream().map(Selection::glob).toList();
    return path -> patterns.stream().anyMatch(p -> p.matcher(path).matches());
  }

  private static Pattern glob(String glob) {
    StringBuilder regex = new StringBuilder();
    String whole = glob.endsWith("/") ? glob + "*" : glob;
    for (int i = 0; i < whole.length(); i++) {
      char c = whole.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        case '[' -> {
          int close = whole.indexOf(']', i + 2);
          if (close < 0) {
            regex.append("\\[");
          } else {
            String set = whole.substring(i + 1, close).replace("\\", "\\\\").replace("[", "\\[");
            regex
                .append('[')
                .append(set.startsWith("!") ? "^" + set.substring(1) : set)
                .append(']');
            i = close;
          }
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static List<String> paths(List<HubFile> files) {
    return files.stream().map(HubFile::path).toList();
  }

  private static String some(List<String> paths) {
    int shown = Math.min(12, paths.size());
    return String.join(", ", paths.subList(0, shown))
        + (paths.size() > shown ? " and %d more".formatted(paths.size() - shown) : "");
  }
}
