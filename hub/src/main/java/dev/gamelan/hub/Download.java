package dev.gamelan.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches the files of one commit into the cache. Safe for many threads. */
final class Download {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");
  private static final int NOTE_BYTES = 1 << 20;

  private final Wire wire;
  private final HubSettings settings;
  private final RepoCache cache;
  private final HubName name;
  private final String commit;
  private final PullListener listener;
  private final Semaphore connections;

  Download(
      Wire wire,
      HubSettings settings,
      RepoCache cache,
      HubName name,
      String commit,
      PullListener listener) {
    this.wire = wire;
    this.settings = settings;
    this.cache = cache;
    this.name = name;
    this.commit = commit;
    this.listener = listener;
    this.connections = new Semaphore(settings.parallel());
  }

  /**
   * Brings a blob into the cache, unless it is there, and points its files at it.
   *
   * @param files of one content
   */
  void fetch(List<HubFile> files) throws IOException, InterruptedException {
    HubFile file = files.getFirst();
    Path blob = cache.blob(file);
    long before = isThere(file, blob) ? 0 : PartFile.present(cache.incomplete(file), file.size());
    try (BlobLock _ =
        BlobLock.take(
            cache.lock(file),
            () -> listener.said("waiting for another process that fetches " + file.path()))) {
      if (isThere(file, blob)) {
        listener.advanced(file.size() - before);
      } else {
        // Another process may have got further and died.
        listener.advanced(PartFile.present(cache.incomplete(file), file.size()) - before);
        bring(file, blob);
      }
      for (HubFile one : files) {
        cache.point(commit, one);
      }
    }
  }

  private static boolean isThere(HubFile file, Path blob) throws IOException {
    return Files.exists(blob) && Files.size(blob) == file.size();
  }

  private void bring(HubFile file, Path blob) throws IOException, InterruptedException {
    Path incomplete = cache.incomplete(file);
    for (int attempt = 1; ; attempt++) {
      String wrong;
      try {
        try (PartFile parts = PartFile.open(incomplete, file.size(), wire.tuning().partBytes())) {
          transfer(file, parts);
          parts.complete();
        }
        Optional<String> found = Checksums.wrong(incomplete, file);
        if (found.isEmpty()) {
          Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
          return;
        }
        wrong = found.get();
      } catch (Faults.WrongContent e) {
        wrong = e.getMessage();
      }
      listener.advanced(-PartFile.present(incomplete, file.size()));
      Files.deleteIfExists(incomplete);
      if (attempt == 2) {
        throw new HubException(
            "%s: %s came damaged twice: %s; nothing of it was kept. The repository may just have changed, or %s passes on something else"
                .formatted(name.whole(), file.path(), wrong, settings.endpoint().getHost()));
      }
      listener.said("%s came damaged (%s); fetching it once more".formatted(file.path(), wrong));
    }
  }

  /** The parts that aren't there yet: one first, which shows whether the server knows ranges. */
  private void transfer(HubFile file, PartFile parts) throws IOException, InterruptedException {
    Source source = new Source(file, parts);
    int first = firstMissing(parts, 0);
    // A server that doesn't know ranges sends everything each time: one stream at a time, then.
    do {
      if (first == parts.parts()) {
        return;
      }
      source.get(first, true);
      first = firstMissing(parts, first);
    } while (source.sendsWhole);
    List<Callable<Void>> rest = new ArrayList<>();
    for (int i = first; i < parts.parts(); i = firstMissing(parts, i + 1)) {
      int part = i;
      rest.add(
          () -> {
            source.get(part, false);
            return null;
          });
    }
    Together.run(rest);
  }

  /** The first part from {@code from} on of which something is missing; else their number. */
  private static int firstMissing(PartFile parts, int from) {
    int part = from;
    while (part < parts.parts() && parts.done(part) == parts.length(part)) {
      part++;
    }
    return part;
  }

  /** Where a file comes from. */
  private final class Source {
    private final HubFile file;
    private final PartFile parts;
    private final URI address;

    /** Where the Hub last sent us: other parts needn't ask it again. */
    private final AtomicReference<URI> direct;

    /** Whether it answered a range with the whole file. */
    private volatile boolean sendsWhole;

    Source(HubFile file, PartFile parts) {
      this.file = file;
      this.parts = parts;
      this.address = Listing.address(settings, name, commit, file);
      this.direct = new AtomicReference<>(address);
    }

    /**
     * Fetches what is missing of a part.
     *
     * @param through if the server sends the whole file, whether to go on with the parts behind it
     */
    void get(int part, boolean through) throws IOException, InterruptedException {
      Patience patience = new Patience(wire.tuning(), name.whole() + ": " + file.path(), listener);
      while (parts.done(part) < parts.length(part)) {
        connections.acquire();
        IOException failure;
        try {
          request(part, through, patience);
          continue;
        } catch (Faults.WrongContent e) {
          throw e;
        } catch (Faults.Expired e) {
          direct.set(address);
          failure = e;
        } catch (IOException e) {
          failure = e;
        } finally {
          connections.release();
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        patience.failed(failure);
      }
    }

    private void request(int part, boolean through, Patience patience)
        throws IOException, InterruptedException {
      long from = parts.start(part) + parts.done(part);
      long to = parts.start(part) + parts.length(part) - 1;
      boolean whole = from == 0 && to == file.size() - 1;
      Optional<String> range = whole ? Optional.empty() : Optional.of("bytes=" + from + "-" + to);
      try (Wire.Answer answer = wire.get(direct.get(), range, name)) {
        check(answer, from);
        direct.set(answer.uri());
        if (answer.status() == 206) {
          copy(answer.body(), part, patience);
          return;
        }
        sendsWhole |= range.isPresent();
        skip(answer.body(), from);
        copy(answer.body(), part, patience);
        for (int next = part + 1; through && next < parts.parts(); next++) {
          skip(answer.body(), parts.done(next));
          copy(answer.body(), next, patience);
        }
        if (through && answer.body().read() >= 0) {
          throw new Faults.WrongContent("more than its %d bytes came".formatted(file.size()));
        }
      }
    }

    private void check(Wire.Answer answer, long from) throws IOException {
      if (answer.commit().isPresent() && !answer.commit().get().equals(commit)) {
        throw new Faults.WrongContent(
            "the server gave it from commit %s, not %s".formatted(answer.commit().get(), commit));
      }
      if (answer.etag().isPresent() && !answer.etag().get().equals(file.blob())) {
        throw new Faults.WrongContent(
            "the server has %s under its name, %s was listed"
                .formatted(answer.etag().get(), file.blob()));
      }
      OptionalLong size = answer.size();
      if (answer.status() == 206) {
        String given = answer.headers().firstValue("Content-Range").orElse("");
        Matcher range = CONTENT_RANGE.matcher(given);
        if (!range.matches() || Long.parseLong(range.group(1)) != from) {
          throw new IOException("bytes from %d were asked for, '%s' came".formatted(from, given));
        }
        if (!range.group(3).equals("*")) {
          size = OptionalLong.of(Long.parseLong(range.group(3)));
        }
      } else if (answer.headers().firstValue("Content-Encoding").isEmpty()) {
        OptionalLong length = Wire.number(answer.headers(), "Content-Length");
        size = length.isPresent() ? length : size;
      }
      if (size.isPresent() && size.getAsLong() != file.size()) {
        throw new Faults.WrongContent(
            "it has %d bytes there, %d were listed".formatted(size.getAsLong(), file.size()));
      }
    }

    private void copy(InputStream in, int part, Patience patience) throws IOException {
      byte[] buffer = new byte[1 << 18];
      long noted = parts.done(part);
      try {
        while (parts.done(part) < parts.length(part)) {
          long left = parts.length(part) - parts.done(part);
          int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
          if (n < 0) {
            throw new IOException("the connection ended before the file did");
          }
          parts.append(part, buffer, 0, n);
          patience.progressed();
          listener.advanced(n);
          if (parts.done(part) - noted >= NOTE_BYTES) {
            parts.note(part);
            noted = parts.done(part);
          }
        }
      } finally {
        parts.note(part);
      }
    }

    private void skip(InputStream in, long bytes) throws IOException {
      byte[] buffer = new byte[1 << 16];
      for (long left = bytes; left > 0; ) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new IOException("the connection ended before the file did");
        }
        left -= n;
      }
    }
  }
}
