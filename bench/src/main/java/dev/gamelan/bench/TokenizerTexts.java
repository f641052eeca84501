package dev.gamelan.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the texts that tokenizers are measured on, as JSON lines {"text": …}: English (War and
 * Peace, the King James Bible), Vietnamese (Wikipedia), Chinese (poems of Tang and Song) and Java
 * (the JDK's sources), {@value #BYTES} bytes of UTF-8 each; and, to train on, train.txt with
 * English, Vietnamese and Java.
 *
 * <p>Arguments: the folder to write to, the folder of shared assets, the JDK's src.zip.
 */
public final class TokenizerTexts {
  private static final int BYTES = 4 << 20;
  private static final int DOCUMENT = 16 << 10;
  private final JsonMapper mapper = JsonMapper.builder().build();
  private final Path folder;

  private TokenizerTexts(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException {
    Path corpora = Path.of(arguments[1], "corpora");
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    TokenizerTexts texts = new TokenizerTexts(folder);
    List<String> english = new ArrayList<>();
    // Half of each book.
    for (String book : List.of("war-and-peace/2600-0.txt.gz", "king-james-bible.txt.gz")) {
      String whole = text(corpora.resolve("gutenberg").resolve(book));
      english.add(whole.substring(0, whole.length() * 3 / 5));
    }
    texts.write("en", english::forEach);
    texts.write("vi", texts.field(corpora.resolve("vietnamese/viwiki-3500.jsonl.gz")));
    texts.write("zh", texts.field(corpora.resolve("chinese/chinese-poems-40k.jsonl.gz")));
    texts.write("java", sink -> sources(Path.of(arguments[2]), sink));
    try (Writer out = Files.newBufferedWriter(folder.resolve("train.txt"))) {
      for (String language : List.of("en", "vi", "java")) {
        for (String text : TokenizerThroughput.texts(folder, language)) {
          out.write(text);
          out.write('\n');
        }
      }
    }
  }

  /** Where a language's texts come from. */
  private interface Source {
    void forEach(Consumer<String> sink);
  }

  private void write(String name, Source source) throws IOException {
    List<String> documents = new ArrayList<>();
    StringBuilder pending = new StringBuilder();
    source.forEach(
        text -> {
          // Cut or gathered to documents of one size, so that no peer pays for many small calls.
          for (String line : text.split("(?<=\n)")) {
            pending.append(line);
            if (pending.length() >= DOCUMENT) {
              documents.add(pending.toString());
              pending.setLength(0);
            }
          }
          pending.append("\n\n");
        });
    documents.add(pending.toString());
    int bytes = 0;
    try (Writer out = Files.newBufferedWriter(folder.resolve(name + ".jsonl"))) {
      for (String document : documents) {
        if (bytes >= BYTES) {
          break;
        }
        bytes += document.getBytes(StandardCharsets.UTF_8).length;
        out.write(mapper.writeValueAsString(mapper.createObjectNode().put("text", document)));
        out.write('\n');
      }
    }
  }

  private Source field(Path file) {
    return sink ->
        text(file)
            .lines()
            .forEach(line -> sink.accept(mapper.readTree(line).get("text").stringValue()));
  }

  private static void sources(Path zip, Consumer<String> sink) {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      List<? extends ZipEntry> entries =
          file.stream()
              .filter(e -> e.getName().startsWith("java.base/java/util/"))
              .filter(e -> e.getName().endsWith(".java"))
              .sorted(java.util.Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        try (InputStream in = file.getInputStream(entry)) {
          sink.accept(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
