package dev.gamelan.train;

import dev.gamelan.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Names the weights that a run begins with, so that it isn't resumed with others. */
final class WeightsFingerprint {
  private static final long CHUNK = 1 << 24;

  private WeightsFingerprint() {}

  /** SHA-256 over names, shapes, dtypes and bytes, in the order of the map. */
  static String of(Map<String, Tensor> tensors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      tensors.forEach(
          (name, t) -> {
            digest.update((name + " " + t + "\n").getBytes(StandardCharsets.UTF_8));
            long size = t.segment().byteSize();
            for (long at = 0; at < size; at += CHUNK) {
              digest.update(t.segment().asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
            }
          });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
