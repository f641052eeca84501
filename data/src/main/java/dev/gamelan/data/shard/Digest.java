package dev.gamelan.data.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over fields, each with its length, so that no two lists of fields look alike. */
final class Digest {
  private final MessageDigest sha = sha256();

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Digest field(String text) {
    return field(text.getBytes(StandardCharsets.UTF_8));
  }

  Digest field(long number) {
    return field(ByteBuffer.allocate(8).putLong(0, number).array());
  }

  Digest field(byte[] bytes) {
    sha.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
    sha.update(bytes);
    return this;
  }

  String hex() {
    return HexFormat.of().formatHex(sha.digest());
  }
}
