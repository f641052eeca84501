package dev.gamelan.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.data.DataException;
import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenShardsTest {
  private static final ShardOptions OPTIONS = ShardOptions.defaults();

  @TempDir Path temporary;

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Property(tries = 100)
  void what_was_written_is_read(
      @ForAll @Size(min = 1, max = 20) List<@NotEmpty String> texts,
      @ForAll @IntRange(min = 1, max = 60) int shardTokens,
      @ForAll boolean wide)
      throws IOException {
    Path root = Files.createTempDirectory("shards");
    Tokenizer tokenizer = wide ? ByteTokenizer.WIDE : ByteTokenizer.NARROW;
    List<Document> documents = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    for (String text : texts) {
      boolean licensed = text.length() % 2 == 0;
      documents.add(
          new Document(
              "ід-" + starts.size(),
              text,
              "s" + text.length() % 3,
              licensed ? Optional.of("MIT") : Optional.empty(),
              Map.of()));
      starts.add((long) expected.size());
      for (int id : tokenizer.encode(text)) {
        expected.add(id);
      }
      expected.add(tokenizer.eos().getAsInt());
    }
    Path folder = root.resolve("set");
    Manifest manifest =
        TokenShards.write(
            DocumentStream.of(documents.iterator()),
            tokenizer,
            folder,
            OPTIONS.withShardTokens(shardTokens));
    try (TokenDataset dataset = TokenDataset.open(folder, TokenDataset.Verify.CHECKSUMS)) {
      assertThat(dataset.manifest()).isEqualTo(manifest);
      assertThat(manifest.dtype()).isEqualTo(wide ? "uint32" : "uint16");
      assertThat(dataset.tokens()).isEqualTo(expected.size());
      int[] all = new int[expected.size()];
      dataset.copy(0, all.length, MemorySegment.ofArray(all), 0);
      assertThat(all).containsExactly(expected.stream().mapToInt(i -> i).toArray());
      for (int d = 0; d < documents.size(); d++) {
        DocumentEntry entry = dataset.document(d);
        assertThat(entry.id()).isEqualTo(documents.get(d).id());
        assertThat(entry.source()).isEqualTo(documents.get(d).source());
        assertThat(entry.licence()).isEqualTo(documents.get(d).licence());
        assertThat(entry.start()).isEqualTo(starts.get(d));
        assertThat(dataset.documentAt(entry.start())).isEqualTo(entry);
        assertThat(dataset.documentAt(entry.end() - 1)).isEqualTo(entry);
        assertThat(dataset.token(entry.end() - 1)).isEqualTo(tokenizer.eos().getAsInt());
      }
    }
    delete(root);
  }

  @Test
  void the_files_do_not_depend_on_the_number_of_threads() throws IOException {
    List<Document> documents = Datasets.documents(3000, 400, 1);
    for (int threads : new int[] {1, 2, 7}) {
      Datasets.write(
          documents,
          temporary.resolve("t" + threads),
          OPTIONS.withThreads(threads).withShardTokens(50_000));
    }
    Map<String, byte[]> one = files(temporary.resolve("t1"));
    assertThat(one).hasSizeGreaterThan(10);
    for (String other : List.of("t2", "t7")) {
      Map<String, byte[]> files = files(temporary.resolve(other));
      assertThat(files.keySet()).isEqualTo(one.keySet());
      files.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(one.get(name)));
    }
  }

  @Test
  void a_document_longer_than_a_shard_has_a_shard_to_itself() {
    Path folder = temporary.resolve("set");
    try (TokenDataset dataset = Datasets.of(folder, "x")) {
      assertThat(dataset.documents()).isEqualTo(1);
    }
    List<Document> documents =
        List.of(
            new Document("a", "12", "s"),
            new Document("b", "x".repeat(5000), "s"),
            new Document("c", "34", "s"));
    Manifest manifest =
        Datasets.write(documents, folder, OPTIONS.withShardTokens(10).withReplace(true));
    assertThat(manifest.shards()).extracting(Manifest.Shard::tokens).containsExactly(3L, 5001L, 3L);
    try (TokenDataset dataset = TokenDataset.open(folder)) {
      assertThat(dataset.document(1).shard()).isEqualTo(1);
      assertThat(dataset.document(2).shardStart()).isZero();
    }
  }

  @Test
  void the_fingerprint_names_tokens_tokenizer_and_settings() {
    List<Document> documents = Datasets.documents(20, 50, 1);
    ShardOptions seeded = OPTIONS.withSettings(Map.of("corpus", "test"));
    List<String> fingerprints =
        List.of(
            Datasets.write(documents, temporary.resolve("a"), OPTIONS).fingerprint(),
            Datasets.write(Datasets.documents(20, 50, 2), temporary.resolve("b"), OPTIONS)
                .fingerprint(),
            Datasets.write(documents, temporary.resolve("c"), seeded).fingerprint(),
            Datasets.write(documents, temporary.resolve("d"), OPTIONS.withSeparator(0))
                .fingerprint(),
            TokenShards.write(
                    DocumentStream.of(documents.iterator()),
                    ByteTokenizer.WIDE,
                    temporary.resolve("e"),
                    OPTIONS)
                .fingerprint());
    assertThat(fingerprints).doesNotHaveDuplicates().allMatch(f -> f.matches("[0-9a-f]{64}"));
    assertThat(Datasets.write(documents, temporary.resolve("f"), OPTIONS).fingerprint())
        .isEqualTo(fingerprints.getFirst());
  }

  @Test
  void totals_by_source_and_progress_add_up() {
    List<Progress> reports = new ArrayList<>();
    List<Document> documents = Datasets.documents(30, 50, 1);
    Manifest manifest =
        Datasets.write(documents, temporary.resolve("s"), OPTIONS.withProgress(reports::add));
    assertThat(manifest.sources())
        .extracting(Manifest.SourceTotal::source)
        .containsExactly("x", "y");
    assertThat(manifest.sources().stream().mapToLong(Manifest.SourceTotal::tokens).sum())
        .isEqualTo(manifest.tokens());
    assertThat(manifest.sources().getFirst().documents()).isEqualTo(10);
    Progress last = reports.getLast();
    assertThat(last.done()).isTrue();
    assertThat(last.documents()).isEqualTo(30);
    assertThat(last.tokens()).isEqualTo(manifest.tokens());
    assertThat(last.bytes())
        .isEqualTo(documents.stream().mapToLong(Document::bytes).sum())
        .isEqualTo(manifest.bytes());
  }

  @Test
  void a_failure_midway_leaves_nothing_and_the_next_run_succeeds() throws IOException {
    Path folder = temporary.resolve("set");
    Iterator<Document> good = Datasets.documents(2000, 400, 1).iterator();
    Iterator<Document> failing =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Document next() {
            if (!good.hasNext()) {
              throw new DataException("corpus: bad line 2001");
            }
            return good.next();
          }
        };
    assertThatThrownBy(
            () ->
                TokenShards.write(
                    DocumentStream.of(failing), ByteTokenizer.NARROW, folder, OPTIONS))
        .isInstanceOf(DataException.class)
        .hasMessage("corpus: bad line 2001");
    assertThat(files(temporary)).isEmpty();
    Datasets.write(Datasets.documents(5, 9, 1), folder, OPTIONS);
    TokenDataset.open(folder, TokenDataset.Verify.CHECKSUMS).close();
  }

  @Test
  void a_tokenizer_that_fails_is_an_error_that_names_the_documents() throws IOException {
    Tokenizer broken = new BrokenTokenizer(id -> -5);
    assertThatThrownBy(
            () ->
                TokenShards.write(
                    DocumentStream.of(Datasets.documents(3, 9, 1).iterator()),
                    broken,
                    temporary.resolve("set"),
                    OPTIONS))
        .hasMessageContaining("id -5 for document doc-0");
    Tokenizer throwing =
        new BrokenTokenizer(
            id -> {
              throw new IllegalStateException("boom");
            });
    assertThatThrownBy(
            () ->
                TokenShards.write(
                    DocumentStream.of(Datasets.documents(3, 9, 1).iterator()),
                    throwing,
                    temporary.resolve("set"),
                    OPTIONS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("between documents doc-0 and doc-2: boom");
    assertThat(files(temporary)).isEmpty();
  }

  @Test
  void what_an_earlier_run_left_behind_is_thrown_away() throws IOException {
    Path partial = Files.createDirectory(temporary.resolve(".set.partial"));
    Files.writeString(partial.resolve("tokens-00000.u16"), "half a shard");
    Files.writeString(partial.resolve("lock"), "");
    assertThatThrownBy(() -> TokenDataset.open(partial))
        .hasMessageContaining("its preparation did not finish");
    Datasets.write(Datasets.documents(5, 9, 1), temporary.resolve("set"), OPTIONS);
    TokenDataset.open(temporary.resolve("set"), TokenDataset.Verify.CHECKSUMS).close();
    assertThat(partial).doesNotExist();
  }

  @Test
  void two_preparations_of_one_folder_do_not_meet() {
    Path folder = temporary.resolve("set");
    Iterator<Document> nested =
        new Iterator<>() {
          private boolean asked;

          @Override
          public boolean hasNext() {
            return !asked;
          }

          @Override
          public Document next() {
            asked = true;
            assertThatThrownBy(() -> Datasets.write(Datasets.documents(5, 9, 1), folder, OPTIONS))
                .hasMessageContaining("another preparation");
            return new Document("a", "outer", "s");
          }
        };
    TokenShards.write(DocumentStream.of(nested), ByteTokenizer.NARROW, folder, OPTIONS);
    try (TokenDataset dataset = TokenDataset.open(folder)) {
      assertThat(dataset.document(0).id()).isEqualTo("a");
    }
  }

  @Test
  void nothing_is_replaced_unless_allowed_and_only_datasets_ever() throws IOException {
    Path folder = temporary.resolve("set");
    List<Document> documents = Datasets.documents(5, 9, 1);
    Datasets.write(documents, folder, OPTIONS);
    assertThatThrownBy(() -> Datasets.write(documents, folder, OPTIONS))
        .hasMessageContaining("exists already")
        .hasMessageContaining("allow replacing");
    Datasets.write(Datasets.documents(7, 9, 2), folder, OPTIONS.withReplace(true));
    try (TokenDataset dataset = TokenDataset.open(folder)) {
      assertThat(dataset.documents()).isEqualTo(7);
    }
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    Files.writeString(precious.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> Datasets.write(documents, precious, OPTIONS.withReplace(true)))
        .hasMessageContaining("is no token dataset");
    assertThat(precious.resolve("thesis.txt")).hasContent("years of work");
  }

  @Test
  void an_empty_corpus_and_an_impossible_separator_are_errors() {
    assertThatThrownBy(() -> Datasets.write(List.of(), temporary.resolve("a"), OPTIONS))
        .hasMessageContaining("holds no document");
    assertThatThrownBy(
            () ->
                Datasets.write(
                    Datasets.documents(1, 1, 1),
                    temporary.resolve("b"),
                    OPTIONS.withSeparator(257)))
        .hasMessageContaining("separator is 257")
        .hasMessageContaining("[0, 257)");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void a_truncated_or_missing_file_is_found_on_opening() throws IOException {
    for (String name : List.of("tokens-00001.u16", "documents.idx", "documents.names")) {
      Path folder = temporary.resolve("set-" + name);
      Datasets.open(40, 30, 1, folder).close();
      Path file = folder.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));
      assertThatThrownBy(() -> TokenDataset.open(folder))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("prepare the dataset again");
      Files.delete(file);
      assertThatThrownBy(() -> TokenDataset.open(folder))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(name + " is missing");
    }
  }

  @Test
  void a_flipped_bit_anywhere_is_found_when_checksums_are_asked_for() throws IOException {
    Path folder = temporary.resolve("set");
    Datasets.open(40, 30, 1, folder).close();
    for (Map.Entry<String, byte[]> file : files(folder).entrySet()) {
      byte[] bytes = file.getValue().clone();
      bytes[bytes.length / 2] ^= 1;
      Files.write(folder.resolve(file.getKey()), bytes);
      assertThatThrownBy(() -> TokenDataset.open(folder, TokenDataset.Verify.CHECKSUMS))
          .as(file.getKey())
          .isInstanceOf(DataException.class)
          .hasMessageContaining(file.getKey());
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    TokenDataset.open(folder, TokenDataset.Verify.CHECKSUMS).close();
  }

  @Test
  void a_changed_manifest_is_found() throws IOException {
    Path folder = temporary.resolve("set");
    Datasets.open(40, 30, 1, folder).close();
    Path manifest = folder.resolve("manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replace("\"separator\" : 256", "\"separator\" : 0"));
    assertThatThrownBy(() -> TokenDataset.open(folder)).hasMessageContaining("was changed");
    Files.writeString(manifest, text.substring(0, text.length() / 2));
    assertThatThrownBy(() -> TokenDataset.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is damaged");
    Files.writeString(manifest, text.replace("\"version\" : 1", "\"version\" : 2"));
    assertThatThrownBy(() -> TokenDataset.open(folder)).hasMessageContaining("this program reads");
    Files.writeString(manifest, "{}");
    assertThatThrownBy(() -> TokenDataset.open(folder)).isInstanceOf(DataException.class);
  }

  @Test
  void positions_outside_are_errors() {
    try (Arena arena = Arena.ofConfined();
        TokenDataset dataset = Datasets.of(temporary.resolve("set"), "abc")) {
      MemorySegment target = arena.allocate(ValueLayout.JAVA_INT, 8);
      assertThatThrownBy(() -> dataset.token(4)).hasMessageContaining("[0, 4)");
      assertThatThrownBy(() -> dataset.token(-1)).hasMessageContaining("[0, 4)");
      assertThatThrownBy(() -> dataset.copy(2, 3, target, 0)).hasMessageContaining("[0, 4)");
      assertThatThrownBy(() -> dataset.document(1)).hasMessageContaining("document 1");
      assertThatThrownBy(() -> dataset.documentAt(4)).hasMessageContaining("[0, 4)");
    }
  }
}
