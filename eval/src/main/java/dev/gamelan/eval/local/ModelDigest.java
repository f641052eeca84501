package dev.gamelan.eval.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * SHA-256 of what a model's answers depend on, so that answers of other weights are never taken.
 */
public final class ModelDigest {
  private static final List<String> COUNTED =
      List.of(".safetensors", ".bin", ".gguf", ".json", ".json.gz", ".model", ".txt", ".pt");

  private ModelDigest() {}

  /**
   * The digest of a model file, or of all files of weights, configuration and tokenizer in a
   * folder.
   *
   * @param others files beside it that count too, such as a tokenizer
   */
  public static String of(Path model, List<Path> others) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (Path file : files(model)) {
      add(digest, file);
    }
    for (Path file : others) {
      add(digest, file);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> files(Path model) throws IOException {
    if (!Files.isDirectory(model)) {
      return List.of(model);
    }
    try (Stream<Path> list = Files.list(model)) {
      return list.filter(p -> COUNTED.stream().anyMatch(p.toString()::endsWith)).sorted().toList();
    }
  }

  private static void add(MessageDigest digest, Path file) throws IOException {
    String head = file.getFileName() + " " + Files.size(file) + "\n";
    digest.update(head.getBytes(StandardCharsets.UTF_8));
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
  }
}
