package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The folder beside the target, {@code .NAME.partial}, in which a dataset is made. It becomes the
 * target by one rename, after everything in it is on disk. What an interrupted run left in it is
 * thrown away by the next; a lock keeps two runs apart.
 */
final class PreparationFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path target;
  private final Path partial;
  private final FileChannel lock;
  private boolean published;

  PreparationFolder(Path folder, boolean replace) throws IOException {
    target = folder.toAbsolutePath().normalize();
    if (target.getFileName() == null) {
      throw new IllegalArgumentException(
          "token shards: the target is " + folder + "; name a folder that can be created");
    }
    boolean occupied = Files.exists(target) && !(Files.isDirectory(target) && isEmpty(target));
    boolean dataset = Files.isRegularFile(target.resolve(Manifest.FILE));
    if (occupied && !(replace && dataset)) {
      throw new DataException(
          "token shards: %s exists already%s; choose another folder%s"
              .formatted(
                  target,
                  dataset ? "" : " and is no token dataset",
                  dataset ? " or allow replacing it" : ""));
    }
    Files.createDirectories(target.getParent());
    partial = target.resolveSibling("." + target.getFileName() + ".partial");
    Files.createDirectories(partial);
    lock =
        FileChannel.open(
            partial.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!locked()) {
      lock.close();
      throw new DataException(
          "token shards: another preparation of %s is running; wait for it or choose another folder"
              .formatted(target));
    }
    clear();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private boolean locked() throws IOException {
    try {
      FileLock held = lock.tryLock();
      return held != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(partial)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().equals(LOCK)) {
          Files.delete(file);
        }
      }
    }
  }

  Path path() {
    return partial;
  }

  /** Gives the folder its name. Files in it must be synced already. */
  void publish() throws IOException {
    sync(partial);
    Path old = target.resolveSibling("." + target.getFileName() + ".replaced");
    deleteTree(old);
    boolean replacing = Files.exists(target);
    if (replacing) {
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    }
    lock.close();
    Files.delete(partial.resolve(LOCK));
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    published = true;
    sync(target.getParent());
    if (replacing) {
      deleteTree(old);
    }
  }

  private static void sync(Path folder) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return; // a folder cannot be opened there; NTFS journals the rename
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Throws an unpublished preparation away. */
  @Override
  public void close() throws IOException {
    if (!published) {
      deleteTree(partial);
    }
    lock.close();
  }
}
