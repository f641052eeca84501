package dev.gamelan.model.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The formats that models come in, told by what a file begins with, not by its name. */
public enum Format {
  /** A folder of Hugging Face's layout. */
  FOLDER,
  GGUF,
  SAFETENSORS,
  /** A pickle of PyTorch, in a zip or before 1.6. */
  PYTORCH,
  LLAMA2C;

  private static final byte[] ZIP = {'P', 'K', 3, 4};

  /** The pickle of PyTorch's magic number, in protocol 2. */
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 10};

  /**
   * The format of a file or folder.
   *
   * @throws IllegalArgumentException if there is none, or it begins as no model does
   */
  public static Format of(Path path) {
    if (Files.isDirectory(path)) {
      return FOLDER;
    }
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          "model %s: %s; a folder with config.json and weights, a .gguf, .safetensors, .bin or .pth is expected"
              .formatted(
                  path, Files.exists(path) ? "this is no regular file" : "there is no such path"));
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(path)) {
      head = in.readNBytes(16);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "model %s: cannot be read: %s".formatted(path, Safetensors.reason(e)), e);
    }
    if (begins(head, "GGUF".getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
      return GGUF;
    }
    if (begins(head, ZIP) || begins(head, LEGACY)) {
      return PYTORCH;
    }
    String name = path.getFileName().toString();
    // After the length of the header: eight bytes, of which the upper ones are zero.
    if (head.length > 8 && head[8] == '{' && head[6] == 0 && head[7] == 0) {
      return SAFETENSORS;
    }
    if (name.endsWith(".gguf")) {
      return GGUF;
    }
    if (name.endsWith(".safetensors")) {
      return SAFETENSORS;
    }
    if (name.endsWith(".pth") || name.endsWith(".pt") || name.startsWith("pytorch_model")) {
      return PYTORCH;
    }
    if (name.endsWith(".bin")) {
      return LLAMA2C;
    }
    throw new IllegalArgumentException(
        "model %s: the file begins as no model does; .gguf, .safetensors, .bin and .pth are read"
            .formatted(path));
  }

  private static boolean begins(byte[] head, byte[] with) {
    return head.length >= with.length && Arrays.equals(head, 0, with.length, with, 0, with.length);
  }
}
