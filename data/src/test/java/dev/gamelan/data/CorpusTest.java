package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  private static final CorpusOptions PLAIN = CorpusOptions.defaults();

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return file(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(String name, byte[] bytes) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.write(path, bytes);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static byte[] zip(String... namesAndTexts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
        zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  static List<Document> read(Path path, CorpusOptions options) {
    List<Document> all = new ArrayList<>();
    try (DocumentStream documents = Corpus.open(List.of(path), options)) {
      documents.forEachRemaining(all::add);
    }
    return all;
  }

  private static List<String> texts(Path path, CorpusOptions options) {
    return read(path, options).stream().map(Document::text).toList();
  }

  private static List<String> ids(Path path, CorpusOptions options) {
    return read(path, options).stream().map(Document::id).toList();
  }

  @Test
  void a_text_file_is_one_document_named_after_it() throws IOException {
    Path path = file("naïve.txt", "Bonjour, été 😀\n");
    assertThat(read(path, PLAIN.withLicence("MIT")))
        .containsExactly(new Document("naïve.txt", "Bonjour, été 😀\n", "naïve.txt", "MIT"));
  }

  @Test
  void a_byte_order_mark_is_no_text() throws IOException {
    assertThat(texts(file("bom.txt", "\uFEFFabc"), PLAIN)).containsExactly("abc");
  }

  @Test
  void separator_lines_cut_a_file_and_blank_pieces_vanish() throws IOException {
    String text = "one\ntwo\n<|end|>\nthree <|end|> inline\r\n<|end|>\r\n\n<|end|>\nfour";
    CorpusOptions options = PLAIN.withSeparator("<|end|>");
    assertThat(texts(file("a.txt", text), options))
        .containsExactly("one\ntwo", "three <|end|> inline\r", "four");
    assertThat(ids(file("a.txt", text), options)).containsExactly("a.txt#1", "a.txt#2", "a.txt#3");
  }

  @Test
  void an_empty_file_is_an_error_that_names_it() throws IOException {
    Path path = file("void.txt", " \n\t\n");
    assertThatThrownBy(() -> texts(path, PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("void.txt is empty");
    assertThatThrownBy(() -> texts(path, PLAIN.withSeparator("---")))
        .hasMessageContaining("void.txt is empty");
  }

  @Test
  void a_missing_file_is_an_error_that_names_it() {
    assertThatThrownBy(() -> texts(folder.resolve("none.txt"), PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none.txt: there is no such file");
  }

  @Test
  void a_nul_byte_is_an_error_with_its_offset() throws IOException {
    Path path = file("x.bin", new byte[] {'a', 'b', 0, 'c', -1});
    assertThatThrownBy(() -> texts(path, PLAIN))
        .hasMessageContaining("x.bin")
        .hasMessageContaining("byte offset 2 holds a NUL byte");
  }

  @Test
  void invalid_utf8_is_an_error_with_its_offset_even_after_separators() throws IOException {
    Path path = file("latin1.txt", new byte[] {'a', '\n', '-', '\n', 'c', (byte) 0xE9, 'd'});
    assertThatThrownBy(() -> texts(path, PLAIN))
        .hasMessageContaining("byte offset 5 holds byte 0xE9")
        .hasMessageContaining("iconv");
    assertThatThrownBy(() -> texts(path, PLAIN.withSeparator("-")))
        .hasMessageContaining("byte offset 5 holds byte 0xE9");
  }

  @Test
  void utf16_is_recognised_in_the_remedy() throws IOException {
    Path path = file("wide.txt", "\uFEFFhello".getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(() -> texts(path, PLAIN)).hasMessageContaining("iconv -f UTF-16");
  }

  @Test
  void a_genuine_replacement_character_is_text() throws IOException {
    assertThat(texts(file("r.txt", "a\uFFFDb"), PLAIN)).containsExactly("a\uFFFDb");
  }

  @Test
  void a_folder_is_walked_in_name_order_and_says_what_it_skipped() throws IOException {
    file("src/b.md", "B");
    file("src/a/z.txt", "Z");
    file("src/a.txt", "A");
    file("src/empty.py", "");
    file("src/binary.c", new byte[] {1, 0, 2});
    file("src/logo.png", new byte[] {1});
    file("src/.git/config.txt", "hidden");
    file("src/data.jsonl", "{\"text\":\"J\"}\n");
    Path src = folder.resolve("src");
    assertThat(ids(src, PLAIN)).containsExactly("a.txt", "a/z.txt", "b.md", "data.jsonl:1");
    try (DocumentStream documents = Corpus.open(List.of(src), PLAIN)) {
      documents.forEachRemaining(document -> assertThat(document.source()).isEqualTo("src"));
      Skipped skipped = documents.skipped();
      assertThat(skipped.count(Skipped.Reason.BINARY)).isEqualTo(1);
      assertThat(skipped.count(Skipped.Reason.EMPTY)).isEqualTo(1);
      assertThat(skipped.count(Skipped.Reason.EXTENSION)).isEqualTo(1);
      assertThat(skipped.toString()).contains("1 binary or not UTF-8").contains("binary.c");
    }
  }

  @Test
  void a_folder_without_documents_is_an_error_that_says_why() throws IOException {
    file("pics/logo.png", "x");
    assertThatThrownBy(() -> texts(folder.resolve("pics"), PLAIN))
        .hasMessageContaining("no document in")
        .hasMessageContaining("1 of another extension");
  }

  @Test
  void a_zip_gives_its_entries_in_name_order() throws IOException {
    Path path =
        file("src.zip", zip("m/B.java", "class B {}", "m/A.java", "class A {}", "x.o", "?"));
    assertThat(ids(path, PLAIN)).containsExactly("m/A.java", "m/B.java");
    assertThat(texts(path, PLAIN.withExtensions(Set.of("java"))))
        .containsExactly("class A {}", "class B {}");
  }

  @Test
  void a_shuffle_is_a_function_of_its_seed_and_loses_nothing() throws IOException {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      entries.add("%02d.txt".formatted(i));
      entries.add("text " + i);
    }
    Path path = file("many.zip", zip(entries.toArray(String[]::new)));
    List<String> drawn = ids(path, PLAIN.withShuffle(5));
    assertThat(drawn)
        .isEqualTo(ids(path, PLAIN.withShuffle(5)))
        .isNotEqualTo(ids(path, PLAIN.withShuffle(6)))
        .isNotEqualTo(ids(path, PLAIN))
        .containsExactlyInAnyOrderElementsOf(ids(path, PLAIN));
  }

  @Test
  void compressed_texts_are_told_by_their_first_bytes() throws IOException {
    byte[] zstd = Zstd.compress("zstd text".getBytes(StandardCharsets.UTF_8));
    assertThat(texts(file("a.txt.gz", gzip("gzip text")), PLAIN)).containsExactly("gzip text");
    assertThat(texts(file("a.txt.zst", zstd), PLAIN)).containsExactly("zstd text");
    assertThat(texts(file("no-extension", gzip("gzip text")), PLAIN)).containsExactly("gzip text");
    assertThat(texts(file("two.txt.gz", join(gzip("one "), gzip("two"))), PLAIN))
        .containsExactly("one two");
    assertThat(texts(file("two.txt.zst", join(zstd, zstd)), PLAIN))
        .containsExactly("zstd textzstd text");
  }

  @Test
  void a_name_that_promises_another_compression_is_an_error() throws IOException {
    Path path = file("plain.txt.gz", "not compressed");
    assertThatThrownBy(() -> texts(path, PLAIN)).hasMessageContaining("promises gzip");
  }

  @Test
  void truncated_compressed_data_is_an_error_for_every_length() throws IOException {
    String text = "all work and no play makes Jack a dull boy. ".repeat(50);
    byte[] gzip = gzip(text);
    byte[] zstd = Zstd.compress(text.getBytes(StandardCharsets.UTF_8));
    for (byte[] whole : List.of(gzip, zstd)) {
      for (int length = 5; length < whole.length; length += 3) {
        Path path = file("cut.txt", Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> texts(path, PLAIN))
            .isInstanceOf(DataException.class)
            .hasMessageContaining("cut.txt")
            .hasMessageContaining("truncated");
      }
    }
  }

  @Test
  void a_damaged_zip_is_an_error() throws IOException {
    byte[] whole = zip("a.txt", "some text ".repeat(100));
    Path cut = file("cut.zip", Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> texts(cut, PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cut.zip");
    whole[45] ^= 0x55;
    Path bent = file("bent.zip", whole);
    assertThatThrownBy(() -> texts(bent, PLAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bent.zip!/a.txt");
  }

  @Test
  void a_bomb_stops_at_the_maximal_document_size() throws IOException {
    CorpusOptions small = PLAIN.withMaximalDocumentBytes(1000);
    String bomb = "0".repeat(5_000_000);
    List<Path> bombs =
        List.of(
            file("bomb.txt", bomb),
            file("bomb.txt.gz", gzip(bomb)),
            file("bomb.zip", zip("a.txt", bomb)),
            file("bomb.jsonl.gz", gzip("{\"text\":\"" + bomb + "\"}")));
    for (Path path : bombs) {
      for (CorpusOptions options : List.of(small, small.withSeparator("-"))) {
        assertThatThrownBy(() -> texts(path, options))
            .isInstanceOf(DataException.class)
            .hasMessageContaining("longer than 1,000 bytes")
            .hasMessageContaining("bomb");
      }
    }
  }

  @Test
  void the_maximal_size_itself_is_allowed() throws IOException {
    CorpusOptions small = PLAIN.withMaximalDocumentBytes(1000);
    String exact = "x".repeat(1000);
    assertThat(texts(file("a.txt", exact), small)).containsExactly(exact);
    assertThat(texts(file("a.txt", exact + "\n-\n" + exact), small.withSeparator("-")))
        .containsExactly(exact, exact);
    assertThatThrownBy(() -> texts(file("a.txt", exact + "x"), small))
        .hasMessageContaining("1,000");
  }

  @Test
  void several_paths_follow_one_another_and_a_source_can_be_opened_again() throws IOException {
    DocumentSource corpus =
        Corpus.of(List.of(file("b.txt", "B"), file("a.txt", "A")), PLAIN.withSource("mine"));
    for (int time = 0; time < 2; time++) {
      try (DocumentStream documents = corpus.open()) {
        assertThat(documents.next().text()).isEqualTo("B");
        assertThat(documents.next()).isEqualTo(new Document("a.txt", "A", "mine"));
        assertThat(documents.hasNext()).isFalse();
      }
    }
    assertThatThrownBy(() -> Corpus.open(List.of(), PLAIN)).hasMessageContaining("no paths");
  }

  @Test
  void a_limit_of_bytes_ends_with_the_document_that_reaches_it() {
    DocumentSource three =
        DocumentSource.of(
            "three",
            List.of(
                new Document("1", "éé", "s"),
                new Document("2", "b", "s"),
                new Document("3", "c", "s")));
    List<String> ids = new ArrayList<>();
    try (DocumentStream documents = three.limited(5).open()) {
      documents.forEachRemaining(document -> ids.add(document.id()));
    }
    assertThat(ids).containsExactly("1", "2");
  }
}
