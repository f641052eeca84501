package dev.gamelan.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A repository in the cache, laid out as Hugging Face's tools do: {@code blobs/ETAG}, {@code
 * refs/REVISION} with a commit in it, {@code snapshots/COMMIT/PATH} pointing at blobs. What is
 * still coming lies in {@code blobs/ETAG.gamelan.incomplete}, which those tools pass over.
 */
final class RepoCache {
  private static final String UNKNOWN_OID = "0".repeat(40);
  private static final String CACHE_TAG =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # This folder is a cache of the Hugging Face Hub; see https://bford.info/cachedir/
      """;

  private final Path cache;
  private final String folder;

  RepoCache(Path cache, HubName name) {
    this.cache = cache;
    this.folder = name.kind().plural() + "--" + name.repository().replace("/", "--");
  }

  Path root() {
    return cache.resolve(folder);
  }

  Path blob(HubFile file) {
    return root().resolve("blobs").resolve(file.blob());
  }

  Path incomplete(HubFile file) {
    return root().resolve("blobs").resolve(file.blob() + ".gamelan.incomplete");
  }

  Path lock(HubFile file) {
    return cache.resolve(".locks").resolve(folder).resolve(file.blob() + ".lock");
  }

  Path snapshot(String commit) {
    return root().resolve("snapshots").resolve(commit);
  }

  Path pointer(String commit, HubFile file) {
    return snapshot(commit).resolve(file.path());
  }

  /** Makes the folders that a pull needs. */
  void prepare() throws IOException {
    Files.createDirectories(root().resolve("blobs"));
    Files.createDirectories(cache.resolve(".locks").resolve(folder));
    Path tag = cache.resolve("CACHEDIR.TAG");
    if (!Files.exists(tag)) {
      Files.writeString(tag, CACHE_TAG);
    }
  }

  /** Whether a file of a commit is there, of the right size. */
  boolean has(String commit, HubFile file) throws IOException {
    Path pointer = pointer(commit, file);
    return Files.isRegularFile(pointer) && Files.size(pointer) == file.size();
  }

  /** The commit that a revision stood for when it was last asked. */
  Optional<String> commit(HubName name) throws IOException {
    if (name.pinned()) {
      return Optional.of(name.revision());
    }
    Path ref = root().resolve("refs").resolve(name.revision());
    return Files.isRegularFile(ref)
        ? Optional.of(Files.readString(ref).strip()).filter(c -> c.matches("[0-9a-f]{40}"))
        : Optional.empty();
  }

  /** Notes the commit of a revision, all at once. */
  void note(HubName name, String commit) throws IOException {
    if (name.pinned() || commit(name).equals(Optional.of(commit))) {
      return;
    }
    Path ref = root().resolve("refs").resolve(name.revision());
    Files.createDirectories(ref.getParent());
    Path temporary = ref.resolveSibling(ref.getFileName() + "." + UUID.randomUUID() + ".tmp");
    Files.writeString(temporary, commit);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, ref, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Puts a blob where the snapshot of a commit has it. */
  void point(String commit, HubFile file) throws IOException {
    if (has(commit, file)) {
      return;
    }
    Path pointer = pointer(commit, file);
    Files.createDirectories(pointer.getParent());
    Path temporary =
        pointer.resolveSibling(pointer.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.createSymbolicLink(temporary, pointer.getParent().relativize(blob(file)));
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system, or a user, that may not link so.
      twin(blob(file), temporary);
    }
    Files.move(temporary, pointer, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void twin(Path blob, Path twin) throws IOException {
    try {
      Files.createLink(twin, blob);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(blob, twin);
    }
  }

  /** What lies in the snapshot of a commit; checksums aren't known. Empty if there is none. */
  List<HubFile> files(String commit) throws IOException {
    Path snapshot = snapshot(commit);
    List<HubFile> files = new ArrayList<>();
    if (Files.isDirectory(snapshot)) {
      try (Stream<Path> all = Files.walk(snapshot)) {
        for (Path path : all.filter(Files::isRegularFile).sorted().toList()) {
          files.add(
              new HubFile(
                  snapshot.relativize(path).toString().replace('\\', '/'),
                  Files.size(path),
                  UNKNOWN_OID,
                  Optional.empty()));
        }
      }
    }
    return files;
  }

  /** The space that can be used where the cache lies or will lie, in bytes. */
  long usableSpace() throws IOException {
    Path there = cache.toAbsolutePath();
    while (!Files.exists(there)) {
      there = there.getParent();
      if (there == null) {
        throw new NoSuchFileException(cache.toString());
      }
    }
    return Files.getFileStore(there).getUsableSpace();
  }
}
