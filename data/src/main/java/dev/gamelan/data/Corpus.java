package dev.gamelan.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Files as documents. Each path may be:
 *
 * <ul>
 *   <li>a plain text file (UTF-8): one document, or several between separator lines;
 *   <li>JSON lines ({@code .jsonl}, {@code .ndjson}, {@code .json}) after Dolma's contract;
 *   <li>either of them packed by gzip or zstandard, which the first bytes tell;
 *   <li>a folder, walked in the order of its relative names (hidden ones, links and foreign
 *       extensions are passed over);
 *   <li>a zip archive, its entries in the order of their names.
 * </ul>
 *
 * <p>A text that is empty, or holds NUL bytes or what isn't UTF-8, is an error when its file was
 * given by name, and is skipped and counted in a folder or archive. A truncated or damaged archive,
 * a bad line and an unreadable file are errors everywhere.
 */
public final class Corpus {
  private Corpus() {}

  /**
   * A stream over all paths, one after another. Nothing is read before it is asked for.
   *
   * @throws IllegalArgumentException if there are no paths
   * @throws DataException from the stream: if something cannot be read, or if the paths hold no
   *     document at all
   */
  public static DocumentStream open(List<Path> paths, CorpusOptions options) {
    return open(paths, options, name -> true);
  }

  /** The same as a source, which can be opened many times. */
  public static DocumentSource of(List<Path> paths, CorpusOptions options) {
    List<Path> kept = checked(paths);
    String name =
        options
            .source()
            .orElse(kept.stream().map(Path::toString).collect(Collectors.joining(" + ")));
    return DocumentSource.of(name, () -> open(kept, options));
  }

  /**
   * @param names which relative names of a folder or archive to read, of those whose extension is
   *     allowed
   */
  static DocumentStream open(List<Path> paths, CorpusOptions options, Predicate<String> names) {
    return new CorpusStream(checked(paths), options, names);
  }

  private static List<Path> checked(List<Path> paths) {
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("corpus: no paths given; name a file or a folder");
    }
    return List.copyOf(paths);
  }
}
