package dev.gamelan.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;

/**
 * A file, or an entry of an archive, that can be read once.
 *
 * @param name within its root, with {@code /}; the id of its document
 * @param place what an error calls it, e.g. {@code /a/src.zip!/java.base/X.java}
 * @param source the default source of its documents
 * @param size in bytes as stored, or -1 when unknown
 * @param given whether the user named it, so that what is wrong with it is an error, not a skip
 */
record Resource(String name, String place, String source, long size, boolean given, Opener opener) {

  /** How its raw bytes are reached. */
  interface Opener {
    InputStream open() throws IOException;
  }

  /** What the name promises about the content. */
  enum Kind {
    TEXT,
    JSON_LINES
  }

  /** The extension in lower case, that of the name before .gz or .zst; empty if there is none. */
  static String extension(String name) {
    String lower = name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    for (String packed : new String[] {".gz", ".zst"}) {
      if (lower.endsWith(packed)) {
        lower = lower.substring(0, lower.length() - packed.length());
        break;
      }
    }
    int dot = lower.lastIndexOf('.');
    return dot < 0 ? "" : lower.substring(dot + 1);
  }

  Kind kind() {
    return switch (extension(name)) {
      case "jsonl", "ndjson", "json" -> Kind.JSON_LINES;
      default -> Kind.TEXT;
    };
  }

  /** The content, decompressed as its first bytes say. */
  InputStream content() throws IOException {
    InputStream raw = opener.open();
    try {
      BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
      Optional<Compression> packed = Compression.of(in);
      Optional<Compression> promised = Compression.promised(name);
      if (promised.isPresent() && !promised.equals(packed) && in.available() > 0) {
        throw new IOException(
            "its name promises %s but its first bytes are not those of %s; rename or re-create it"
                .formatted(promised.get().words(), promised.get().words()));
      }
      return packed.isPresent() ? packed.get().unpack(in) : in;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }
}
