package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GGUF file in parts, as llama.cpp's {@code gguf-split} cuts it: every part says which it is of
 * how many, the first has all other keys as well.
 */
final class GgufParts {
  private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  private GgufParts() {}

  /** All parts as one, given any of them. */
  static Gguf join(Gguf any) {
    long count = key(any, "split.count");
    if (count < 2) {
      return any;
    }
    Path file = any.file();
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
      throw new IllegalArgumentException(
          "gguf %s: it is one of %d parts; their names must end in -00001-of-%05d.gguf and so on"
              .formatted(file, count, count));
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Gguf first = any;
    for (int i = 0; i < count; i++) {
      Path part =
          file.resolveSibling(
              String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), i + 1, count));
      if (!Files.exists(part)) {
        throw new IllegalArgumentException(
            "gguf %s: its part %s is missing".formatted(file, part.getFileName()));
      }
      Gguf opened = part.equals(file) ? any : Gguf.one(part);
      if (key(opened, "split.no") != i || key(opened, "split.count") != count) {
        throw new IllegalArgumentException(
            "gguf %s: it says it is part %d of %d, its name says %d of %d (counted from 0)"
                .formatted(part, key(opened, "split.no"), key(opened, "split.count"), i, count));
      }
      first = i == 0 ? opened : first;
      for (String tensor : opened.names()) {
        if (tensors.put(tensor, opened.tensor(tensor)) != null) {
          throw new IllegalArgumentException(
              "gguf %s: the tensor '%s' is in two parts".formatted(part, tensor));
        }
      }
    }
    long expected = first.whole("split.tensors.count").orElse((long) tensors.size());
    if (expected != tensors.size()) {
      throw new IllegalArgumentException(
          "gguf %s: its parts have %d tensors, split.tensors.count is %d"
              .formatted(first.file(), tensors.size(), expected));
    }
    return new Gguf(first.file(), new LinkedHashMap<>(first.metadata()), tensors);
  }

  private static long key(Gguf file, String key) {
    return file.whole(key).orElseThrow(() -> GgufKeys.missing(file, key));
  }
}
