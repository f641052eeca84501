package dev.gamelan.data;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.zip.ZipException;

/** The documents of one resource, one by one. */
interface Reading extends Closeable {
  /** The next document, or nothing at the end. */
  Optional<Document> next() throws IOException;

  /** The error for a failure to read {@code place}: one sentence, with the rule and the remedy. */
  static DataException failure(String place, IOException e) {
    String text = String.valueOf(e.getMessage());
    String reason =
        switch (e) {
          case NoSuchFileException missing -> "there is no such file; check the path";
          case AccessDeniedException denied -> "reading is not permitted; check its permissions";
          case EOFException end ->
              "its compressed data ends early, so it is truncated; fetch or create it again";
          case ZipException zip -> "its compressed data is damaged (" + text + "); fetch it again";
          default ->
              e.getClass().getName().contains("zstd")
                  ? "its zstandard data is damaged or truncated (" + text + "); fetch it again"
                  : text;
        };
    return new DataException("corpus: cannot read %s: %s".formatted(place, reason), e);
  }

  /** The error for a document over the size limit. */
  static DataException tooLong(String place, long limit) {
    return new DataException(
        ("corpus: a document in %s is longer than %,d bytes when unpacked; split it (for plain text"
                + " by a separator line) or raise the maximal document size")
            .formatted(place, limit));
  }
}
