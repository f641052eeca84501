package dev.gamelan.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Whether a file is the one that was listed: SHA-256 for LFS, git's SHA-1 of a blob otherwise. */
final class Checksums {
  private Checksums() {}

  /** What is wrong with the file at {@code path}; empty if nothing is. */
  static Optional<String> wrong(Path path, HubFile file) throws IOException {
    long size = Files.size(path);
    if (size != file.size()) {
      return Optional.of("it has %d bytes, not %d".formatted(size, file.size()));
    }
    String found =
        file.sha256().isPresent()
            ? digest(path, "SHA-256", new byte[0])
            : digest(path, "SHA-1", ("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
    return found.equals(file.blob())
        ? Optional.empty()
        : Optional.of(
            "its %s is %s, not %s"
                .formatted(
                    file.sha256().isPresent() ? "SHA-256" : "git SHA-1", found, file.blob()));
  }

  private static String digest(Path path, String algorithm, byte[] before) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // both are in every JDK
    }
    digest.update(before);
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(path)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
