package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path file(String header, int dataBytes) throws Exception {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    Path file = folder.resolve("x.safetensors");
    Files.write(file, bytes.array());
    return file;
  }

  @Test
  void what_is_written_is_read_back_with_its_types_shapes_bytes_and_metadata() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Arena arena = Arena.ofAuto();
    for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16, DType.I32)) {
      Tensor t = Tensor.allocate(arena, dtype, 3, 5);
      for (int i = 0; i < 15; i++) {
        t.set(i / 5, i % 5, i - 7);
      }
      tensors.put("of " + dtype, t);
    }
    tensors.put("scalar", Tensor.copyOf(new float[] {2.5f}));
    tensors.put("empty", Tensor.zeros(0, 4));
    tensors.put("cube", Tensor.copyOf(new float[8], 2, 2, 2));
    Path file = folder.resolve("all.safetensors");

    Safetensors.write(file, tensors, Map.of("format", "pt", "é", "ü"));
    Safetensors read = Safetensors.open(file);

    assertThat(read.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "é", "ü"));
    tensors.forEach(
        (name, t) -> {
          assertThat(read.tensor(name).shape()).isEqualTo(t.shape());
          assertThat(read.tensor(name).dtype()).isEqualTo(t.dtype());
          assertThat(read.tensor(name).segment().mismatch(t.segment())).isEqualTo(-1);
        });
  }

  @Test
  void rows_with_gaps_are_written_without_them() {
    Tensor wide = Tensor.copyOf(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Path file = folder.resolve("view.safetensors");

    Safetensors.write(file, Map.of("view", wide.columns(1, 3)), Map.of());

    assertThat(Safetensors.open(file).tensor("view").toFloats()).containsExactly(2, 3, 5, 6);
  }

  static Stream<String> families() {
    return Stream.of("llama1", "llama2-gqa", "pythia", "smollm2", "codellama", "redpajama-incite");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("families")
  void a_file_of_the_reference_writer_is_written_again_with_the_same_bytes(String family) {
    Path shared =
        Path.of(System.getProperty("gamelan.shared", "../../shared"))
            .resolve("fixtures/families")
            .resolve(family);
    assumeTrue(Files.isDirectory(shared), () -> shared + " is absent");
    Path original = shared.resolve("model.safetensors");
    Safetensors read = Safetensors.open(original);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    read.names().forEach(name -> tensors.put(name, read.tensor(name)));
    Path copy = folder.resolve("copy.safetensors");

    Safetensors.write(copy, tensors, read.metadata());

    assertThat(copy).hasSameBinaryContentAs(original);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json | 0 | no JSON",
        "[1] | 0 | no JSON object",
        "null | 0 | no JSON object",
        "{} | 4 | 4 bytes follow the last tensor",
        "{} {} | 0 | no JSON",
        "{\"a\":5} | 0 | tensor 'a'",
        "{\"a\":{}} | 0 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":3,\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"Q9\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | dtype 'Q9'; supported are",
        "{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 4 | needs 8 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}} | 0 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 8 | overlap or leave a hole",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | 4 | truncated",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | 4 | tensor 'a'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | names a tensor twice",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 8 | overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}} | 12 | hole",
        "{\"__metadata__\":{\"x\":{\"y\":1}}} | 0 | __metadata__",
        "{\"__metadata__\":[1]} | 0 | __metadata__",
        "{\"__metadata__\":\"x\"} | 0 | __metadata__"
      })
  void a_header_that_lies_is_refused_by_name(String header, int data, String message)
      throws Exception {
    Path file = file(header, data);

    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void a_header_longer_than_the_file_or_than_allowed_is_refused() throws Exception {
    for (long length : List.of(-1L, 0L, 1L, 3L, 100_000_001L, Long.MAX_VALUE, Long.MIN_VALUE)) {
      Path file = folder.resolve("lie.safetensors");
      ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(file, bytes.putLong(length).put((byte) '{').put((byte) '}').array());

      assertThatThrownBy(() -> Safetensors.open(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void an_empty_file_an_absent_one_and_a_folder_are_refused() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty"));

    assertThatThrownBy(() -> Safetensors.open(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("truncated");
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("absent")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no such file");
    assertThatThrownBy(() -> Safetensors.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void an_absent_tensor_is_named() throws Exception {
    Safetensors file = Safetensors.open(file("{}", 0));

    assertThatThrownBy(() -> file.tensor("w"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no tensor 'w'");
  }

  @Test
  void a_write_that_fails_leaves_the_old_file_and_nothing_beside_it() throws Exception {
    Path file = folder.resolve("model.safetensors");
    Files.createDirectory(file);
    Files.writeString(file.resolve("inside"), "kept");

    assertThatThrownBy(() -> Safetensors.write(file, Map.of("a", Tensor.zeros(4)), Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
    assertThat(file.resolve("inside")).hasContent("kept");
  }

  @Test
  void a_folder_that_is_not_there_is_named_by_a_write() {
    Path file = folder.resolve("no/such/model.safetensors");

    assertThatThrownBy(() -> Safetensors.write(file, Map.of("a", Tensor.zeros(4)), Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void every_type_of_the_format_is_listed_and_those_of_weights_are_read() throws IOException {
    Path file = folder.resolve("all-types.safetensors");
    try (var in = SafetensorsTest.class.getResourceAsStream("all-types.safetensors")) {
      Files.copy(in, file);
    }
    Safetensors all = Safetensors.open(file);
    for (ElementType type : ElementType.values()) {
      if (type == ElementType.U16 || type == ElementType.U32 || type == ElementType.U64) {
        continue;
      }
      assertThat(all.listing())
          .contains(new TensorSource.Listed(type.name(), type.name(), new Shape(3), type.bytes(3)));
      switch (type) {
        case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I32 ->
            assertThat(all.tensor(type.name()).toFloats()).containsExactly(1, 0, 1);
        case I64, I16, I8, U8, BOOL, U16, U32, U64 ->
            assertThatThrownBy(() -> all.tensor(type.name()))
                .hasMessageContaining("it is " + type + ", which weights cannot be");
      }
    }
    assertThat(all.tensor("e4m3").toFloats()).isEqualTo(all.tensor("e4m3-f32").toFloats());
    assertThat(all.tensor("e5m2").toFloats()).isEqualTo(all.tensor("e5m2-f32").toFloats());
  }
}
