package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class JsonLinesTest {
  private static final CorpusOptions PLAIN = CorpusOptions.defaults();
  private static final JsonMapper JSON = new JsonMapper();

  private static List<Document> read(Path folder, String lines, CorpusOptions options)
      throws IOException {
    return CorpusTest.read(Files.writeString(folder.resolve("d.jsonl"), lines), options);
  }

  @Property(tries = 200)
  void any_documents_come_back_as_written(
      @ForAll List<String> texts, @ForAll @IntRange(min = 0, max = 2) int packing)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    List<Document> expected = new ArrayList<>();
    for (String raw : texts) {
      // Unpaired surrogates have no UTF-8; JSON writers replace or refuse them.
      String text = new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
      String id = "id-" + expected.size();
      lines.append(JSON.writeValueAsString(Map.of("id", id, "text", text, "source", "s")));
      lines.append('\n');
      if (!text.isBlank()) {
        expected.add(new Document(id, text, "s"));
      }
    }
    Path folder = Files.createTempDirectory("jsonl");
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("d.jsonl" + List.of("", ".zst", ".gz").get(packing));
    if (packing == 2) {
      try (var gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
        gzip.write(bytes);
      }
    } else {
      Files.write(file, packing == 1 ? Zstd.compress(bytes) : bytes);
    }
    if (expected.isEmpty()) {
      assertThatThrownBy(() -> CorpusTest.read(file, PLAIN)).hasMessageContaining("no document");
    } else {
      assertThat(CorpusTest.read(file, PLAIN)).isEqualTo(expected);
    }
    Files.delete(file);
    Files.delete(folder);
  }

  @Test
  void dolma_fields_are_kept(@TempDir Path folder) throws IOException {
    String line =
        """
        {"id":"x1","text":"Hi","source":"web","added":"2024-01-01","metadata":\
        {"license":"CC-BY-4.0","n":[1,2.5,null,true],"deep":{"a":"b"}}}
        """;
    assertThat(read(folder, line, PLAIN))
        .containsExactly(
            new Document(
                "x1",
                "Hi",
                "web",
                Optional.of("CC-BY-4.0"),
                Map.of(
                    "license", "CC-BY-4.0", "n", List.of(1, 2.5, true), "deep", Map.of("a", "b"))));
  }

  @Test
  void absent_ids_and_sources_say_file_and_line(@TempDir Path folder) throws IOException {
    String lines = "\n{\"text\":\"one\"}\r\n   \n{\"id\":17,\"text\":\"two\"}";
    assertThat(read(folder, lines, PLAIN))
        .containsExactly(
            new Document("d.jsonl:2", "one", "d.jsonl"), new Document("17", "two", "d.jsonl"));
  }

  @Test
  void the_text_may_stand_in_another_field(@TempDir Path folder) throws IOException {
    assertThat(read(folder, "{\"content\":\"x\",\"text\":3}", PLAIN.withTextField("content")))
        .extracting(Document::text)
        .containsExactly("x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"text\":\"cut | not valid JSON",
        "{\"text\":\"a\"} {\"text\":\"b\"} | something follows",
        "[{\"text\":\"a\"}] | JSON array",
        "17 | no object",
        "{\"id\":\"a\"} | no field 'text' but [id]",
        "{\"text\":null} | no field 'text'",
        "{\"text\":5} | 'text' must be a string",
        "{\"text\":{}} | 'text' must be a string",
        "{\"text\":\"a\",\"id\":\"\"} | an id must be",
        "{\"text\":\"a\",\"id\":[1]} | an id must be",
        "{\"text\":\"a\",\"source\":1} | 'source' must be a string",
        "{\"text\":\"a\",\"metadata\":[]} | metadata must be an object",
        "{\"text\":\"a\",\"text\":\"b\"} | occurs twice",
        "nonsense | not valid JSON"
      })
  void a_bad_line_is_an_error_with_its_place(String line, String said, @TempDir Path folder) {
    assertThatThrownBy(() -> read(folder, "{\"text\":\"fine\"}\n\n" + line + "\n", PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bad line")
        .hasMessageContaining("d.jsonl:3:")
        .hasMessageContaining(said);
  }

  @Test
  void bytes_that_are_not_utf8_are_an_error_with_the_line(@TempDir Path folder) throws IOException {
    byte[] bytes = "{\"text\":\"fine\"}\n{\"text\":\"caf?\"}\n".getBytes(StandardCharsets.UTF_8);
    bytes[bytes.length - 4] = (byte) 0xE9;
    Path file = Files.write(folder.resolve("d.jsonl"), bytes);
    assertThatThrownBy(() -> CorpusTest.read(file, PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("d.jsonl:2");
  }

  @Test
  void a_document_may_be_larger_than_any_buffer(@TempDir Path folder) throws IOException {
    String big = "é".repeat(300_000);
    assertThat(read(folder, "{\"text\":\"" + big + "\"}\n{\"text\":\"small\"}", PLAIN))
        .extracting(Document::text)
        .containsExactly(big, "small");
  }

  @Test
  void deep_nesting_is_an_error_and_no_stack_overflow(@TempDir Path folder) {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> read(folder, "{\"text\":\"a\",\"metadata\":{\"x\":" + deep, PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("d.jsonl:1");
  }
}
