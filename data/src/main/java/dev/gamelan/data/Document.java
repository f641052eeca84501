package dev.gamelan.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One text with where it came from.
 *
 * @param id names the document within its source, e.g. a path or {@code file:line}; not empty
 * @param text the text itself
 * @param source the collection it belongs to, e.g. {@code world/stories}; not empty
 * @param licence an SPDX expression, where it is known
 * @param metadata further JSON values (String, Number, Boolean, List, Map), in the order of the
 *     file; JSON nulls are left out
 */
public record Document(
    String id, String text, String source, Optional<String> licence, Map<String, Object> metadata) {

  public Document {
    Objects.requireNonNull(text, "document: text");
    Objects.requireNonNull(licence, "document: licence");
    if (id.isEmpty() || source.isEmpty()) {
      throw new IllegalArgumentException(
          "document: id is '%s' and source '%s'; neither may be empty".formatted(id, source));
    }
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** A document of which no licence and no metadata are known. */
  public Document(String id, String text, String source) {
    this(id, text, source, Optional.empty(), Map.of());
  }

  /** A document under a licence (SPDX), without metadata. */
  public Document(String id, String text, String source, String licence) {
    this(id, text, source, Optional.of(licence), Map.of());
  }

  /** The length of the text in UTF-8, in bytes. A lone surrogate counts 3, as U+FFFD does. */
  public long bytes() {
    int length = text.length();
    long bytes = length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        bytes++;
        if (c >= 0x800) {
          bytes++;
          if (Character.isHighSurrogate(c)
              && i + 1 < length
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            // A pair is 2 chars and 4 bytes.
            i++;
          }
        }
      }
    }
    return bytes;
  }
}
