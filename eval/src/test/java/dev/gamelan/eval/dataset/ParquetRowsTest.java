package dev.gamelan.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The files are PyArrow's (26.0.1): three rows of all kinds of columns. */
final class ParquetRowsTest {
  @TempDir private Path folder;

  private Path file(String codec, String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (InputStream in = ParquetRowsTest.class.getResourceAsStream("rows-" + codec + ".parquet")) {
      Files.copy(in, file);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "snappy", "gzip"})
  void rows_are_what_was_written(String codec) throws IOException {
    List<ObjectNode> rows = Rows.read(file(codec, "a.parquet"), Optional.empty());
    assertThat(rows).hasSize(3);
    assertThat(rows.getFirst().toString())
        .isEqualTo(
            """
            {"id":1,"q":"Wie heißt du? 😀","label":0,"score":0.5,"flag":true,\
            "choices":{"text":["a","b"],"label":["A","B"]},\
            "turns":[{"role":"user","content":"hi"},{"role":"assistant","content":"yo"}],\
            "raw":"AP8=","none":null,"nested":[[1,2],[]],"f32":0.10000000149011612,"u8":200,\
            "day":"2024-02-29","at":"2024-02-29 12:30:00.500000","dec":12.50,"m":[["k",1]]}""");
    assertThat(rows.get(1).toString())
        .isEqualTo(
            """
            {"id":2,"q":"","label":1,"score":null,"flag":false,"choices":{"text":[],"label":[]},\
            "turns":[],"raw":"","none":null,"nested":null,"f32":1.5,"u8":0,"day":null,"at":null,\
            "dec":null,"m":[]}""");
    assertThat(rows.get(2).toString())
        .isEqualTo(
            """
            {"id":9007199254740993,"q":null,"label":-1,"score":1.0E300,"flag":null,"choices":null,\
            "turns":[{"role":null,"content":"x"}],"raw":null,"none":null,"nested":[null,[3]],\
            "f32":null,"u8":null,"day":null,"at":null,"dec":null,"m":null}""");
  }

  @Test
  void a_snapshot_of_the_hub_gives_the_rows_of_a_configuration_and_split() throws IOException {
    file("zstd", "snapshot/main/test-00000-of-00002.parquet");
    file("gzip", "snapshot/main/test-00001-of-00002.parquet");
    file("snappy", "snapshot/main/train-00000-of-00001.parquet");
    file("snappy", "snapshot/other/test-00000-of-00001.parquet");
    Datasets datasets =
        new Datasets(List.of(), folder, name -> Optional.of(folder.resolve("snapshot")));
    assertThat(datasets.rows(request("a/b", "main", "test"))).hasSize(6);
    assertThat(datasets.rows(request("a/b", "other", "test"))).hasSize(3);
    assertThat(datasets.rows(request("a/b", "main", "train"))).hasSize(3);
  }

  @Test
  void a_task_may_name_a_parquet_file() throws IOException {
    file("zstd", "mine.parquet");
    ObjectNode kwargs = JsonNodeFactory.instance.objectNode();
    kwargs.putObject("data_files").put("test", "mine.parquet");
    Datasets datasets = new Datasets(List.of(), folder);
    assertThat(datasets.rows(new Datasets.Request("parquet", Optional.empty(), kwargs, "test")))
        .hasSize(3);
  }

  @Test
  void a_cut_or_foreign_file_is_an_error_that_names_it() throws IOException {
    Path whole = file("zstd", "whole.parquet");
    byte[] bytes = Files.readAllBytes(whole);
    for (int length : new int[] {0, 3, 11, 100, bytes.length / 2, bytes.length - 1}) {
      Path cut = folder.resolve("cut.parquet");
      Files.write(cut, java.util.Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Rows.read(cut, Optional.empty()))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("cut.parquet");
    }
  }

  private static Datasets.Request request(String path, String name, String split) {
    return new Datasets.Request(
        path, Optional.of(name), JsonNodeFactory.instance.objectNode(), split);
  }
}
