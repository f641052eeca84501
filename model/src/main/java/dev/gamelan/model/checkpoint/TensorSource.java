package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Named tensors, in place where they lie. */
public interface TensorSource {
  /**
   * A tensor as its file describes it.
   *
   * @param dtype as the format calls it, e.g. F8_E4M3
   * @param bytes it takes in the file
   */
  record Listed(String name, String dtype, Shape shape, long bytes) {}

  /** The names, in the order of the file. */
  Set<String> names();

  /**
   * A tensor in a type that weights can have: in place, or f32 where the file has a type that
   * nothing computes with (F64, F8).
   *
   * @throws IllegalArgumentException if there is none of this name, or its type is no weight's
   */
  Tensor tensor(String name);

  /** What the file has, whether or not it can be used as weights. */
  List<Listed> listing();

  /**
   * Opens a file of weights, or those of a folder: {@code model.safetensors}, its shards, {@code
   * pytorch_model.bin}, its shards, {@code consolidated.00.pth}, in this order.
   *
   * @throws IllegalArgumentException if there are none, or they are damaged
   */
  static TensorSource open(Path path) {
    return switch (Format.of(path)) {
      case GGUF -> Gguf.open(path);
      case SAFETENSORS -> Safetensors.open(path);
      case PYTORCH -> PytorchBin.open(path);
      case LLAMA2C ->
          throw new IllegalArgumentException(
              "model %s: a llama2.c file has no names of tensors".formatted(path));
      case FOLDER -> folder(path);
    };
  }

  private static TensorSource folder(Path folder) {
    List<String> names =
        List.of(
            "model.safetensors",
            "model.safetensors.index.json",
            "pytorch_model.bin",
            "pytorch_model.bin.index.json",
            "consolidated.00.pth");
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return name.endsWith(".json")
            ? new Shards(file)
            : name.endsWith(".safetensors") ? Safetensors.open(file) : PytorchBin.open(file);
      }
    }
    throw new IllegalArgumentException(
        "model %s: none of %s is there".formatted(folder, String.join(", ", names)));
  }
}
