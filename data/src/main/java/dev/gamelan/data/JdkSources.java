package dev.gamelan.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The Java sources that a JDK carries in {@code lib/src.zip}, as a corpus of code and of prose. A
 * file gives up to two documents: the code, with source {@code jdk/MODULE/code}, and the text of
 * its javadoc, with source {@code jdk/MODULE/javadoc}.
 *
 * <p>The licence is what the file's own header says: {@value #LICENCE} for most, {@code
 * GPL-2.0-only} where it makes no exception, {@code Apache-2.0} for what came from Apache.
 */
public final class JdkSources {
  /** The JDK's licence. */
  public static final String LICENCE = "GPL-2.0-only WITH Classpath-exception-2.0";

  /** Modules that are tables of data rather than code. */
  private static final Set<String> TABLES = Set.of("jdk.localedata", "jdk.charsets");

  private JdkSources() {}

  /**
   * What to take.
   *
   * @param modules names of modules, e.g. {@code java.base}; empty for all but those that hold
   *     tables of locale and charset data
   * @param code whether to give the code
   * @param javadoc whether to give the javadoc as prose
   * @param headers whether the code keeps the copyright header, the same in thousands of files; the
   *     licence is recorded with each document either way
   * @param shuffle a seed for the order of the files; without it, by name
   */
  public record Options(
      Set<String> modules, boolean code, boolean javadoc, boolean headers, OptionalLong shuffle) {
    public Options {
      modules = Set.copyOf(modules);
      if (!code && !javadoc) {
        throw new IllegalArgumentException(
            "JDK sources: neither code nor javadoc is asked for; take at least one");
      }
    }

    /** Code without headers and javadoc, all modules, by name. */
    public static Options defaults() {
      return new Options(Set.of(), true, true, false, OptionalLong.empty());
    }

    public Options withModules(Set<String> names) {
      return new Options(names, code, javadoc, headers, shuffle);
    }

    public Options withShuffle(long seed) {
      return new Options(modules, code, javadoc, headers, OptionalLong.of(seed));
    }
  }

  /** The archive of a JDK's sources, where it has one (a packaged JDK may ship without). */
  public static Optional<Path> find(Path javaHome) {
    return Stream.of("lib/src.zip", "src.zip")
        .map(javaHome::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** The sources in an archive that {@link #find} gave. */
  public static DocumentSource of(Path archive, Options options) {
    return DocumentSource.of("JDK sources", () -> new JdkStream(open(archive, options), options));
  }

  private static DocumentStream open(Path archive, Options options) {
    CorpusOptions plain = CorpusOptions.defaults().withExtensions(Set.of("java"));
    return Corpus.open(
        List.of(archive),
        options.shuffle().isPresent() ? plain.withShuffle(options.shuffle().getAsLong()) : plain,
        name -> wanted(module(name), options.modules()));
  }

  private static boolean wanted(String module, Set<String> modules) {
    return modules.isEmpty() ? !TABLES.contains(module) : modules.contains(module);
  }

  /** The first folder of an entry's name; JDK 8 had packages there. */
  static String module(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? "java" : name.substring(0, slash);
  }
}
