package dev.gamelan.app.tokens;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizer.Special;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts and the ids that other implementations gave for them, in the shared assets. */
final class Vectors {
  /** One text with its ids. */
  record Vector(String text, int[] ids, Special special) {
    boolean passes(Tokenizer tokenizer) {
      return Arrays.equals(tokenizer.encode(text, special), ids);
    }
  }

  private static final List<String> SETS = List.of("small", "mixed", "utf8");
  private final Path root;

  /** Of the folder that holds the tokenizers. */
  Vectors(Path root) {
    this.root = root;
  }

  /** A file, perhaps gzipped. */
  Path file(String name) throws NoSuchFileException {
    Path file = root.resolve(name);
    if (!Files.isRegularFile(file)) {
      file = root.resolve(name + ".gz");
    }
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(
          root.resolve(name).toString(), null, "the assets lack this file, gzipped or not");
    }
    return file;
  }

  /** What is called so in the list of the survey. */
  List<Vector> of(String name) throws IOException {
    String[] parts = name.split(":");
    return switch (parts[0]) {
      case "kitoken" -> kitoken(parts[1], parts[2], Special.valueOf(parts[3]));
      case "llama.cpp" -> llamaCpp(parts[1]);
      case "natural" -> natural(parts[1], Special.valueOf(parts[2]));
      default -> throw new IllegalStateException("vectors: " + name);
    };
  }

  private List<Vector> kitoken(String kind, String name, Special special) throws IOException {
    List<Vector> all = new ArrayList<>();
    for (String set : SETS) {
      String data = "kitoken/tests/data/";
      String input = text(data + set + "_input.txt");
      String[] texts = set.equals("utf8") ? new String[] {input} : input.split("\n");
      String[] ids = text(data + kind + "/" + set + "_tokens_" + name + ".txt").split("\n", -1);
      for (int i = 0; i < texts.length; i++) {
        String text =
            set.equals("small") ? texts[i].replace("\\n", "\n").replace("\\s", " ") : texts[i];
        all.add(new Vector(text, numbers(ids[i]), special));
      }
    }
    return all;
  }

  private List<Vector> llamaCpp(String name) throws IOException {
    String stem = "llama.cpp/models/ggml-vocab-" + name + ".gguf";
    String[] texts = text(stem + ".inp").split("\n__ggml_vocab_test__\n", -1);
    String[] ids = text(stem + ".out").split("\n", -1);
    List<Vector> all = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      all.add(new Vector(texts[i], numbers(ids[i]), Special.LITERAL));
    }
    return all;
  }

  private List<Vector> natural(String name, Special special) throws IOException {
    String[] texts = text("natural-vectors/input.jsonl").split("\n");
    String[] ids = text("natural-vectors/" + name + ".jsonl").split("\n");
    List<Vector> all = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      JsonNode row = JsonMapper.shared().readTree(ids[i]).get("ids");
      int[] numbers = new int[row.size()];
      Arrays.setAll(numbers, at -> row.get(at).intValue());
      all.add(
          new Vector(
              JsonMapper.shared().readTree(texts[i]).get("text").stringValue(), numbers, special));
    }
    return all;
  }

  private static int[] numbers(String row) {
    return row.isBlank()
        ? new int[0]
        : Arrays.stream(row.strip().split("[, ]+")).mapToInt(Integer::parseInt).toArray();
  }

  /** A file's text. */
  String text(String name) throws IOException {
    return read(file(name));
  }

  static String read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      in.mark(2);
      boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
      in.reset();
      byte[] all = (gzip ? new GZIPInputStream(in) : in).readAllBytes();
      return new String(all, StandardCharsets.UTF_8);
    }
  }
}
