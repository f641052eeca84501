package dev.gamelan.text.train;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts of words in a folder: runs of sorted words, and {@code counts.json}, which says what has
 * been counted and which runs belong to it. Each file appears whole or not at all, so that a
 * process may be killed at any time.
 *
 * <p>A run: int32 number of words, then for each, in the order of bytes, int32 length, the bytes,
 * int64 count; big-endian.
 */
final class CountFolder {
  private static final String STATE = "counts.json";
  private static final String OURS = "counts\\.json(\\.tmp)?|run-\\d+(\\.tmp)?";
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * What has been counted.
   *
   * @param corpus of what
   * @param documents the first so many texts
   * @param hash theirs
   * @param bytes theirs
   * @param runs numbers of the runs
   * @param complete whether these are all texts
   */
  record State(
      String corpus, long documents, int hash, long bytes, List<Integer> runs, boolean complete) {}

  private final Path folder;

  private CountFolder(Path folder) {
    this.folder = folder;
  }

  /** The folder, made if need be; what no state knows is removed. */
  static CountFolder open(Path folder) throws IOException {
    Files.createDirectories(folder);
    CountFolder opened = new CountFolder(folder);
    Set<String> known = new HashSet<>(List.of(STATE));
    if (Files.exists(folder.resolve(STATE))) {
      opened.state("").runs().forEach(run -> known.add(name(run)));
    }
    for (Path file : ours(folder)) {
      if (!known.contains(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
    return opened;
  }

  static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    // The state first: runs without one are nobody's.
    Files.deleteIfExists(folder.resolve(STATE));
    for (Path file : ours(folder)) {
      Files.delete(file);
    }
    try {
      Files.delete(folder);
    } catch (DirectoryNotEmptyException e) {
      // Somebody else's files stay.
    }
  }

  private static List<Path> ours(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().matches(OURS)).toList();
    }
  }

  private static String name(int run) {
    return "run-" + run;
  }

  /** What has been counted; nothing of {@code corpus} where there is no state. */
  State state(String corpus) throws IOException {
    Path file = folder.resolve(STATE);
    if (!Files.exists(file)) {
      return new State(corpus, 0, 0, 0, List.of(), false);
    }
    try {
      return JSON.readValue(file.toFile(), State.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file + ": damaged counts: " + e.getOriginalMessage() + "; delete " + folder, e);
    }
  }

  /** Makes {@code state} what has been counted. */
  void save(State state) throws IOException {
    write(STATE, out -> out.write(JSON.writeValueAsBytes(state)));
  }

  /** Writes a table. */
  void write(int run, WordCounts words) throws IOException {
    int[] order = words.order();
    write(
        name(run),
        out -> {
          out.writeInt(order.length);
          for (int word : order) {
            int start = words.start(word);
            out.writeInt(words.end(word) - start);
            out.write(words.bytes(), start, words.end(word) - start);
            out.writeLong(words.count(word));
          }
        });
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private void write(String name, Body body) throws IOException {
    Path temporary = folder.resolve(name + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream bytes = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      DataOutputStream out = new DataOutputStream(bytes);
      body.write(out);
      out.flush();
      channel.force(true);
    }
    Files.move(
        temporary,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** All runs in one, without words that occur fewer than {@code least} times. */
  WordCounts merge(List<Integer> runs, long least) throws IOException {
    WordCounts all = new WordCounts();
    List<Run> opened = new ArrayList<>();
    try {
      PriorityQueue<Run> queue =
          new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.word, b.word));
      for (int run : runs) {
        Run each = new Run(folder.resolve(name(run)));
        opened.add(each);
        if (each.next()) {
          queue.add(each);
        }
      }
      while (!queue.isEmpty()) {
        byte[] word = queue.peek().word;
        long count = 0;
        while (!queue.isEmpty() && Arrays.equals(queue.peek().word, word)) {
          Run run = queue.poll();
          count = Math.addExact(count, run.count);
          if (run.next()) {
            queue.add(run);
          }
        }
        if (count >= least) {
          all.add(word, 0, word.length, count);
        }
      }
      return all;
    } finally {
      for (Run run : opened) {
        run.in.close();
      }
    }
  }

  /** A run being read. */
  private static final class Run {
    private final Path file;
    private final DataInputStream in;
    private int left;
    private byte[] word = new byte[0];
    private long count;

    Run(Path file) throws IOException {
      this.file = file;
      in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
      left = in.readInt();
    }

    boolean next() throws IOException {
      if (left == 0) {
        return false;
      }
      left--;
      try {
        word = new byte[in.readInt()];
        in.readFully(word);
        count = in.readLong();
      } catch (EOFException e) {
        throw new IOException(
            file + ": the counts end early; delete " + file.getParent() + " and start again", e);
      }
      return true;
    }
  }
}
