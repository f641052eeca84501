package dev.gamelan.data;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How files become documents.
 *
 * @param separator a line that stands between the documents of a plain text file, e.g. {@code
 *     <|endoftext|>}; without it a file is one document
 * @param textField the JSONL field that holds the text
 * @param extensions lower-case extensions (no dot) that are read in folders and archives; a
 *     compressed file counts by the name before {@code .gz} or {@code .zst}. A file given by name
 *     is read whatever its extension.
 * @param maximalDocumentBytes no document may be longer, compressed or not: what keeps memory
 *     bounded when an archive expands without end
 * @param source what to call the source; without it the name of the file or folder given
 * @param licence SPDX expression for documents that state none
 * @param shuffle a seed that puts the files of a folder, and the entries of an archive, into a
 *     random order that depends on it alone; without it they come sorted by name
 */
public record CorpusOptions(
    Optional<String> separator,
    String textField,
    Set<String> extensions,
    long maximalDocumentBytes,
    Optional<String> source,
    Optional<String> licence,
    OptionalLong shuffle) {

  /** 64 MiB. */
  public static final long DEFAULT_MAXIMAL_DOCUMENT_BYTES = 64L << 20;

  /** Prose, JSON lines and the usual programming languages. */
  public static final Set<String> DEFAULT_EXTENSIONS =
      Set.of(
          "txt",
          "text",
          "md",
          "markdown",
          "rst",
          "adoc",
          "org",
          "tex",
          "html",
          "htm",
          "jsonl",
          "ndjson",
          "json",
          "java",
          "kt",
          "kts",
          "scala",
          "groovy",
          "clj",
          "py",
          "rb",
          "pl",
          "php",
          "js",
          "mjs",
          "ts",
          "tsx",
          "jsx",
          "css",
          "c",
          "h",
          "cc",
          "cpp",
          "cxx",
          "hh",
          "hpp",
          "cs",
          "go",
          "rs",
          "swift",
          "m",
          "mm",
          "zig",
          "hs",
          "ml",
          "mli",
          "fs",
          "erl",
          "ex",
          "exs",
          "lua",
          "r",
          "jl",
          "sql",
          "sh",
          "bash",
          "ps1",
          "bat",
          "yaml",
          "yml",
          "toml",
          "ini",
          "xml",
          "gradle",
          "cmake",
          "mk",
          "proto",
          "f90",
          "f95",
          "lean",
          "v",
          "sv",
          "vhd",
          "asm",
          "s");

  public CorpusOptions {
    if (textField.isEmpty()) {
      throw new IllegalArgumentException("corpus options: textField is empty; name a JSON field");
    }
    if (separator.isPresent()
        && (separator.get().isBlank() || separator.get().chars().anyMatch(c -> c == '\n'))) {
      throw new IllegalArgumentException(
          "corpus options: separator must be one line that isn't blank");
    }
    // Arrays end at 2^31; a document must fit one.
    if (maximalDocumentBytes < 1 || maximalDocumentBytes > 1 << 30) {
      throw new IllegalArgumentException(
          "corpus options: maximalDocumentBytes is %d; it must be in [1, %d]"
              .formatted(maximalDocumentBytes, 1 << 30));
    }
    extensions = Set.copyOf(extensions);
  }

  /** One document a file, field {@code text}, the default extensions, sorted order, 64 MiB. */
  public static CorpusOptions defaults() {
    return new CorpusOptions(
        Optional.empty(),
        "text",
        DEFAULT_EXTENSIONS,
        DEFAULT_MAXIMAL_DOCUMENT_BYTES,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  public CorpusOptions withSeparator(String line) {
    return new CorpusOptions(
        Optional.of(line), textField, extensions, maximalDocumentBytes, source, licence, shuffle);
  }

  public CorpusOptions withTextField(String field) {
    return new CorpusOptions(
        separator, field, extensions, maximalDocumentBytes, source, licence, shuffle);
  }

  public CorpusOptions withExtensions(Set<String> allowed) {
    return new CorpusOptions(
        separator, textField, allowed, maximalDocumentBytes, source, licence, shuffle);
  }

  public CorpusOptions withMaximalDocumentBytes(long bytes) {
    return new CorpusOptions(separator, textField, extensions, bytes, source, licence, shuffle);
  }

  public CorpusOptions withSource(String name) {
    return new CorpusOptions(
        separator,
        textField,
        extensions,
        maximalDocumentBytes,
        Optional.of(name),
        licence,
        shuffle);
  }

  public CorpusOptions withLicence(String spdx) {
    return new CorpusOptions(
        separator, textField, extensions, maximalDocumentBytes, source, Optional.of(spdx), shuffle);
  }

  public CorpusOptions withShuffle(long seed) {
    return new CorpusOptions(
        separator,
        textField,
        extensions,
        maximalDocumentBytes,
        source,
        licence,
        OptionalLong.of(seed));
  }
}
