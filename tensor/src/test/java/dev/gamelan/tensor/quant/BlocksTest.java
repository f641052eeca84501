package dev.gamelan.tensor.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The resources were computed by the numpy implementation of the formats (PyPI {@code gguf}) on
 * random blocks and values: {@code decode-*} blocks, then floats; {@code encode-*} floats, then
 * blocks. Of Q5_0, Q5_1 and the K types the encoded blocks are those of llama.cpp's {@code
 * ggml_quantize_chunk}, of six kinds of values: small and normal, of scales from 1e-6 to 1e3, far
 * from zero, mostly zero with parts of nothing else, quarters, heavy-tailed.
 */
class BlocksTest {
  private static MemorySegment resource(String name) throws IOException {
    try (InputStream in = BlocksTest.class.getResourceAsStream(name)) {
      byte[] bytes = in.readAllBytes();
      MemorySegment copy = Arena.ofAuto().allocate(bytes.length, 64);
      MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return copy;
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "F16", "BF16", "I32"})
  void blocks_of_every_type_stand_for_the_reference_s_values(DType dtype) throws IOException {
    MemorySegment file = resource("decode-" + dtype + ".bin");
    long blocks = file.byteSize() / (dtype.bytesPerBlock() + 4L * dtype.elementsPerBlock());
    int elements = Math.toIntExact(blocks * dtype.elementsPerBlock());
    float[] expected =
        file.asSlice(blocks * dtype.bytesPerBlock()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    float[] decoded = new float[elements];

    Blocks.decode(dtype, file, 0, MemorySegment.ofArray(decoded), 0, elements);

    assertThat(blocks).isGreaterThanOrEqualTo(3);
    assertThat(decoded).isEqualTo(expected);
    Tensor tensor = Tensor.of(file, dtype, new Shape(blocks, dtype.elementsPerBlock()));
    assertThat(tensor.toFloats()).isEqualTo(expected);
    assertThat(tensor.get(1, 17)).isEqualTo(expected[dtype.elementsPerBlock() + 17]);
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"})
  void floats_become_the_reference_s_blocks(DType dtype) throws IOException {
    MemorySegment file = resource("encode-" + dtype + ".bin");
    long block = dtype.bytesPerBlock() + 4L * dtype.elementsPerBlock();
    long floats = file.byteSize() / block * dtype.elementsPerBlock() * 4;
    float[] values = file.asSlice(0, floats).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    MemorySegment blocks = Arena.ofAuto().allocate(dtype.bytes(values.length));

    Blocks.encode(dtype, values, values.length, blocks, 0);

    assertThat(blocks.toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(file.asSlice(floats).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void what_cannot_be_quantized_is_refused() {
    float[] values = new float[32];
    MemorySegment to = Arena.ofAuto().allocate(64);
    values[3] = Float.NaN;
    assertThatThrownBy(() -> Blocks.encode(DType.Q8_0, values, 32, to, 0))
        .hasMessageContaining("value 3 is NaN");
    Arrays.fill(values, 1e9f);
    assertThatThrownBy(() -> Blocks.encode(DType.Q8_0, values, 32, to, 0))
        .hasMessageContaining("beyond half precision");
    assertThatThrownBy(() -> Blocks.encode(DType.Q2_K, values, 32, to, 0))
        .hasMessageContaining("Q2_K is not written");
    assertThatThrownBy(() -> Blocks.encode(DType.Q8_0, values, 31, to, 0))
        .hasMessageContaining("block of 32");
  }

  @Test
  void rows_of_a_quantized_tensor_are_whole_blocks() {
    MemorySegment memory = Arena.ofAuto().allocate(1024);
    assertThatThrownBy(() -> Tensor.of(memory, DType.Q8_0, new Shape(2, 48)))
        .hasMessageContaining("whole blocks of 32");
    Tensor tensor = Tensor.of(memory, DType.Q8_0, new Shape(4, 64));
    assertThat(tensor.rows(1, 3).address()).isEqualTo(tensor.address() + 68);
    assertThat(tensor.columns(32, 64).address()).isEqualTo(tensor.address() + 34);
    assertThatThrownBy(() -> tensor.columns(16, 64)).hasMessageContaining("block of 32");
    assertThatThrownBy(() -> tensor.set(0, 0, 1)).hasMessageContaining("written whole");
  }
}
