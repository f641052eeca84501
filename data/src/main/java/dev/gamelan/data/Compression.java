package dev.gamelan.data;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Ways a single stream is packed, told by its first bytes. */
enum Compression {
  GZIP(".gz", new byte[] {0x1F, (byte) 0x8B}),
  ZSTANDARD(".zst", new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD});

  /** The first bytes of a zip archive with at least one entry. */
  static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

  private final String extension;
  private final byte[] magic;

  Compression(String extension, byte[] magic) {
    this.extension = extension;
    this.magic = magic;
  }

  String words() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Compression> of(BufferedInputStream in) throws IOException {
    in.mark(4);
    byte[] first = in.readNBytes(4);
    in.reset();
    return Arrays.stream(values()).filter(c -> startsWith(first, c.magic)).findFirst();
  }

  static Optional<Compression> promised(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(c -> lower.endsWith(c.extension)).findFirst();
  }

  static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }

  InputStream unpack(InputStream in) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPInputStream(in, 1 << 16);
      case ZSTANDARD -> new ZstdInputStreamNoFinalizer(in);
    };
  }
}
