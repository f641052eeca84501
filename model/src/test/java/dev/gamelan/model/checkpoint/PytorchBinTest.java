package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PytorchBinTest {
  private static final Path FIXTURE =
      Path.of(System.getProperty("gamelan.shared", "../../shared"))
          .resolve("fixtures/families/llama1-bin");

  @TempDir private Path folder;

  private Path zip(String name, byte[] pickle) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntry entry = new ZipEntry("m/data.pkl");
      CRC32 crc = new CRC32();
      crc.update(pickle);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(pickle.length);
      entry.setCrc(crc.getValue());
      out.putNextEntry(entry);
      out.write(pickle);
    }
    return file;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void a_half_precision_checkpoint_gives_the_reference_s_logits() {
    assumeTrue(Files.exists(FIXTURE), () -> "skipped: there is no " + FIXTURE);
    Checkpoint checkpoint = Checkpoint.open(FIXTURE);
    assertThat(checkpoint.tensors().get("embedding.weight").dtype()).isEqualTo(DType.F16);
    Safetensors expected = Safetensors.open(FIXTURE.resolve("expected.safetensors"));
    Tensor ids = expected.tensor("input_ids");
    Decoder decoder = new Decoder(checkpoint.family().spec());
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 2, ComputeMode.F32)) {
      SequencePass pass =
          new SequencePass(
              decoder,
              ModelParameters.inPlace(decoder, kernels, checkpoint.tensors()),
              kernels,
              (int) ids.rows(),
              (int) ids.columns(),
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      for (int i = 0; i < ids.elements(); i++) {
        pass.tokens().setInt(0, i, ids.getInt(i / ids.columns(), i % ids.columns()));
      }
      pass.forward();
      assertThat(pass.result().toFloats())
          .containsExactly(expected.tensor("logits").toFloats(), within(1e-4f));
    }
  }

  @Test
  void a_pickle_with_code_in_it_is_refused_by_the_name_of_what_it_calls() throws IOException {
    Path evil = zip("evil.bin", latin("\u0080\u0002cposix\nsystem\nX\u0004\0\0\0true\u0085R."));
    assertThatThrownBy(() -> PytorchBin.open(evil))
        .hasMessageContaining("evil.bin")
        .hasMessageContaining("posix.system");
    Path newer = zip("newer.bin", latin("\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093."));
    assertThatThrownBy(() -> PytorchBin.open(newer)).hasMessageContaining("builtins.eval");
    Path instance = zip("instance.bin", latin("(ios\nsystem\n."));
    assertThatThrownBy(() -> PytorchBin.open(instance)).hasMessageContaining("instruction 0x69");
  }

  @Test
  void what_is_damaged_or_no_state_dict_is_refused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.bin"), "not a zip");
    assertThatThrownBy(() -> PytorchBin.open(text)).hasMessageContaining("no whole zip");
    for (String pickle :
        new String[] {"", "\u0080\u0002", "K\u0001", "R.", "h\u0005.", "X\u0099\0\0\0a."}) {
      Path file = zip("bad.bin", latin(pickle));
      assertThatThrownBy(() -> PytorchBin.open(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("bad.bin");
    }
    Path list = zip("list.bin", latin("]."));
    assertThatThrownBy(() -> PytorchBin.open(list)).hasMessageContaining("no state dict");
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = PytorchBinTest.class.getResourceAsStream(name)) {
      Files.copy(in, file);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"state-dict.pt", "state-dict-legacy.pt"})
  void tensors_of_both_layouts_are_read_in_place_cut_and_turned(String name) throws IOException {
    PytorchBin file = PytorchBin.open(resource(name));
    assertThat(file.tensor("a").toFloats()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(file.tensor("a").shape()).isEqualTo(new Shape(2, 3));
    assertThat(file.tensor("row").toFloats()).containsExactly(3, 4, 5);
    assertThat(file.tensor("half").dtype()).isEqualTo(DType.F16);
    assertThat(file.tensor("half").toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f);
    assertThat(file.tensor("turned").dtype()).isEqualTo(DType.BF16);
    assertThat(file.tensor("turned").shape()).isEqualTo(new Shape(3, 2));
    assertThat(file.tensor("turned").toFloats()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(file.tensor("double").toFloats()).containsExactly(0.5f, -2);
    assertThat(file.tensor("parameter").toFloats()).containsExactly(1, 1, 1, 1);
    assertThat(file.tensor("scalar").toFloats()).containsExactly(3);
    assertThatThrownBy(() -> file.tensor("long"))
        .hasMessageContaining("tensor 'long': it is I64, which weights cannot be");
    assertThat(file.listing())
        .contains(
            new TensorSource.Listed("long", "I64", new Shape(2), 16),
            new TensorSource.Listed("flags", "BOOL", new Shape(3), 3));
  }

  @Test
  void eight_bit_floats_of_a_zip_become_f32() throws IOException {
    assertThat(PytorchBin.open(resource("state-dict.pt")).tensor("e4m3").toFloats())
        .containsExactly(1.5f, -448, 0.001953125f);
  }

  @Test
  void code_in_a_pickle_of_before_the_zip_is_refused_by_name() throws IOException {
    Path evil = resource("evil-legacy.pt");
    assertThatThrownBy(() -> PytorchBin.open(evil))
        .hasMessageContaining("evil-legacy.pt")
        .hasMessageContaining("the pickle names posix.system");
  }

  @Test
  void a_lone_file_opens_with_the_configuration_beside_it() throws IOException {
    assumeTrue(Files.exists(FIXTURE), () -> "skipped: there is no " + FIXTURE);
    Path weights = FIXTURE.resolve("pytorch_model.bin");
    assertThat(Checkpoint.open(weights).tensors().keySet())
        .isEqualTo(Checkpoint.open(FIXTURE).tensors().keySet());
    Path alone = Files.copy(weights, folder.resolve("alone.pth"));
    assertThatThrownBy(() -> Checkpoint.open(alone))
        .hasMessageContaining("config.json is missing beside it");
  }

  @Test
  void shards_are_found_by_their_index() throws IOException {
    assumeTrue(Files.exists(FIXTURE), () -> "skipped: there is no " + FIXTURE);
    Files.copy(FIXTURE.resolve("config.json"), folder.resolve("config.json"));
    Path shard = folder.resolve("pytorch_model-00001-of-00001.bin");
    Files.copy(FIXTURE.resolve("pytorch_model.bin"), shard);
    StringBuilder map = new StringBuilder();
    for (String name : PytorchBin.open(shard).names()) {
      map.append(map.isEmpty() ? "" : ", ")
          .append("\"" + name + "\": \"" + shard.getFileName() + "\"");
    }
    Files.writeString(
        folder.resolve("pytorch_model.bin.index.json"), "{\"weight_map\": {" + map + "}}");
    assertThat(Checkpoint.open(folder).tensors().get("norm.weight").toFloats())
        .isEqualTo(Checkpoint.open(FIXTURE).tensors().get("norm.weight").toFloats());
  }
}
