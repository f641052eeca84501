package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
  private static final int F32 = 0;
  private static final int Q8_0 = 8;

  @TempDir private Path folder;

  private void assertRefused(GgufFile bytes, String... parts) throws IOException {
    Path file = folder.resolve("bad.gguf");
    Files.write(file, bytes.bytes());
    assertThatThrownBy(() -> Gguf.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bad.gguf")
        .hasMessageContainingAll(parts);
  }

  private static GgufFile one(GgufValue.Type type) {
    return GgufFile.header(3, 0, 1).key("k", type);
  }

  @Test
  void every_metadata_type_and_tensor_survives_writing_and_reading() {
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("u8", new GgufValue.Whole(GgufValue.Type.UINT8, 200));
    metadata.put("i8", new GgufValue.Whole(GgufValue.Type.INT8, -100));
    metadata.put("u16", new GgufValue.Whole(GgufValue.Type.UINT16, 60000));
    metadata.put("i16", new GgufValue.Whole(GgufValue.Type.INT16, -30000));
    metadata.put("u32", GgufValue.uint32(4_000_000_000L));
    metadata.put("i32", new GgufValue.Whole(GgufValue.Type.INT32, Integer.MIN_VALUE));
    metadata.put("u64", new GgufValue.Whole(GgufValue.Type.UINT64, -1));
    metadata.put("i64", new GgufValue.Whole(GgufValue.Type.INT64, Long.MIN_VALUE));
    metadata.put("f32", GgufValue.float32(1e-5));
    metadata.put("f64", new GgufValue.Real(GgufValue.Type.FLOAT64, Math.PI));
    metadata.put("bool", new GgufValue.Flag(true));
    metadata.put("text", new GgufValue.Text("é 漢字"));
    metadata.put("texts", GgufValue.texts(List.of("a", "", "b c")));
    metadata.put(
        "nested",
        new GgufValue.Items(
            GgufValue.Type.ARRAY,
            List.of(
                GgufValue.texts(List.of("x")),
                new GgufValue.Items(
                    GgufValue.Type.BOOL,
                    List.of(new GgufValue.Flag(false), new GgufValue.Flag(true))))));
    Tensor matrix = Tensor.copyOf(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Path file = folder.resolve("all.gguf");

    GgufWriter.write(
        file,
        metadata,
        List.of(
            new GgufWriter.Entry(
                "swapped",
                matrix.shape(),
                DType.F32,
                List.of(new GgufWriter.Part(matrix, new Arrangement.Rows(new int[] {1, 0})))),
            GgufWriter.Entry.of("half", matrix, DType.F16)));
    Gguf read = Gguf.open(file);

    assertThat(read.metadata()).isEqualTo(metadata);
    assertThat(read.names()).containsExactly("swapped", "half");
    assertThat(read.tensor("swapped").shape()).isEqualTo(new Shape(2, 3));
    assertThat(read.tensor("swapped").toFloats()).containsExactly(4, 5, 6, 1, 2, 3);
    assertThat(read.tensor("half").dtype()).isEqualTo(DType.F16);
    assertThat(read.tensor("half").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void version_2_is_read_and_others_are_refused() throws IOException {
    Path file = folder.resolve("two.gguf");
    Files.write(file, GgufFile.header(2, 1, 0).tensor("t", F32, 0, 3, 2).data(24).bytes());
    assertThat(Gguf.open(file).tensor("t").shape()).isEqualTo(new Shape(2, 3));
    assertRefused(GgufFile.header(1, 0, 0), "its version is 1");
    assertRefused(GgufFile.header(4, 0, 0), "its version is 4");
    assertRefused(GgufFile.header(Integer.reverseBytes(3), 0, 0), "big-endian");
    assertRefused(new GgufFile().raw("GGML").int32(3), "no GGUF file");
    assertRefused(new GgufFile(), "the file is truncated");
  }

  @Test
  void counts_and_lengths_beyond_the_file_are_refused() throws IOException {
    assertRefused(
        GgufFile.header(3, Long.MAX_VALUE, 0), "the number of tensors is 9223372036854775807");
    assertRefused(GgufFile.header(3, -1, 0), "the number of tensors is 18446744073709551615");
    assertRefused(GgufFile.header(3, 0, 1L << 60), "the number of keys");
    assertRefused(GgufFile.header(3, 0, 1).int64(1L << 40).data(64), "the length of key 0");
    assertRefused(GgufFile.header(3, 0, 1).int64(-1).data(64), "the length of key 0");
    assertRefused(one(GgufValue.Type.STRING).int64(1L << 62).data(32), "the length of 'k'");
    assertRefused(
        one(GgufValue.Type.ARRAY).int32(GgufValue.Type.UINT64.ordinal()).int64(1L << 61).data(64),
        "the number of items of 'k'");
    assertRefused(one(GgufValue.Type.UINT64).int32(7), "'k'".replace("'", ""), "truncated");
  }

  @Test
  void wrong_values_are_refused() throws IOException {
    assertRefused(GgufFile.header(3, 0, 1).text("k").int32(13).data(32), "unknown type 13");
    assertRefused(GgufFile.header(3, 0, 1).text("k").int32(-1).data(32), "unknown type 4294967295");
    assertRefused(one(GgufValue.Type.BOOL).raw("\u0002").data(32), "bool of 2");
    GgufFile deep = one(GgufValue.Type.ARRAY);
    for (int i = 0; i < 9; i++) {
      deep.int32(GgufValue.Type.ARRAY.ordinal()).int64(1);
    }
    assertRefused(deep.data(64), "arrays within arrays");
    assertRefused(
        GgufFile.header(3, 0, 2)
            .key("k", GgufValue.Type.UINT32)
            .int32(1)
            .key("k", GgufValue.Type.UINT32)
            .int32(1),
        "the key 'k' stands there twice");
  }

  @Test
  void an_alignment_that_is_none_is_refused() throws IOException {
    for (int alignment : new int[] {0, 3, 24, -1, 1 << 21}) {
      assertRefused(
          GgufFile.header(3, 0, 1).key("general.alignment", GgufValue.Type.UINT32).int32(alignment),
          "general.alignment",
          "power of two");
    }
    assertRefused(
        GgufFile.header(3, 0, 1).key("general.alignment", GgufValue.Type.STRING).text("32"),
        "general.alignment");
  }

  @Test
  void tensors_that_cannot_be_are_refused() throws IOException {
    assertRefused(
        GgufFile.header(3, 1, 0).tensor("t", F32, 0, 1L << 62, 1L << 62).data(32),
        "tensor 't'",
        "2^63-1");
    assertRefused(
        GgufFile.header(3, 1, 0).tensor("t", F32, 0, Long.MAX_VALUE / 2).data(32),
        "more bytes than a file can have");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", F32, 0, 0).data(32), "is 0");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", F32, 0, -4).data(32), "dimension 0");
    assertRefused(
        GgufFile.header(3, 1, 0).tensor("t", F32, 0, 1, 1, 1, 1, 1).data(32), "5 dimensions");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", 99, 0, 4).data(32), "type 99", "Q4_K");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", Q8_0, 0, 48).data(99), "blocks of 32");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", F32, 8, 4).data(64), "multiples");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", F32, -32, 4).data(64), "offset");
    assertRefused(GgufFile.header(3, 1, 0).tensor("t", F32, 0, 9).data(32), "truncated");
    assertRefused(
        GgufFile.header(3, 1, 0).tensor("t", F32, Long.MAX_VALUE - 31, 4).data(64), "'t'");
    assertRefused(
        GgufFile.header(3, 2, 0).tensor("t", F32, 0, 9).tensor("u", F32, 32, 9).data(99),
        "'u' begins at offset 32, within the tensor before");
    assertRefused(
        GgufFile.header(3, 2, 0).tensor("t", F32, 0, 4).tensor("t", F32, 32, 4).data(99),
        "'t' stands there twice");
  }

  @Test
  void what_is_no_file_is_refused() {
    assertThatThrownBy(() -> Gguf.open(folder)).hasMessageContaining("no regular file");
    assertThatThrownBy(() -> Gguf.open(folder.resolve("none.gguf")))
        .hasMessageContaining("there is no such file");
  }

  @Test
  void a_write_that_fails_leaves_nothing() throws IOException {
    Tensor bad = Tensor.copyOf(new float[32], 1, 32);
    bad.set(0, 5, Float.NaN);
    Path file = folder.resolve("nan.gguf");
    assertThatThrownBy(
            () ->
                GgufWriter.write(
                    file, Map.of(), List.of(GgufWriter.Entry.of("w", bad, DType.Q8_0))))
        .hasMessageContaining("tensor 'w'")
        .hasMessageContaining("value 5 is NaN");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
