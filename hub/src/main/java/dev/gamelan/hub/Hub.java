package dev.gamelan.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * Models and datasets of the Hugging Face Hub, in the cache that all of its tools share: what one
 * has fetched the others find. An interrupted pull goes on where it was; every file is checked
 * against its checksum before it appears; several processes may pull the same at once.
 */
public final class Hub {
  /** Files that are open at a time, most of them waiting for a connection. */
  private static final int FILES_AT_A_TIME = 32;

  /**
   * What a pull brought.
   *
   * @param path the folder of the files, or the file if one was asked for
   * @param commit what the revision stands for
   * @param files how many were wanted
   * @param bytes their sizes together
   * @param fetched how many of them weren't in the cache before
   */
  public record Pulled(Path path, String commit, int files, long bytes, int fetched) {}

  private final HubSettings settings;
  private final Tuning tuning;

  /** The Hub as these settings have it. */
  public Hub(HubSettings settings) {
    this(settings, Tuning.USUAL);
  }

  Hub(HubSettings settings, Tuning tuning) {
    this.settings = settings;
    this.tuning = tuning;
  }

  /**
   * Brings files of a repository into the cache. Offline, only looks whether they are there.
   *
   * @throws HubException if the Hub refuses, doesn't answer, or sends what isn't right
   * @throws IllegalArgumentException if what the name or the selection names isn't there
   */
  public Pulled pull(HubName name, Selection selection, PullListener listener)
      throws IOException, InterruptedException {
    if (settings.offline()) {
      Found found =
          look(name, selection)
              .orElseThrow(
                  () ->
                      new HubException(
                          "%s is not in the cache (%s), and the network may not be used"
                              .formatted(name, settings.cache())));
      long bytes = found.files().stream().mapToLong(HubFile::size).sum();
      return new Pulled(found.path(), found.commit(), found.files().size(), bytes, 0);
    }
    try (Wire wire = new Wire(settings, tuning)) {
      Listing listing = Listing.ask(wire, settings, name, listener);
      List<HubFile> wanted = selection.of(name, listing.files());
      RepoCache cache = new RepoCache(settings.cache(), name);
      List<HubFile> missing = new ArrayList<>();
      for (HubFile file : wanted) {
        if (!cache.has(listing.commit(), file)) {
          missing.add(file);
        }
      }
      if (!missing.isEmpty()) {
        Map<String, List<HubFile>> blobs = new LinkedHashMap<>();
        missing.forEach(f -> blobs.computeIfAbsent(f.blob(), _ -> new ArrayList<>()).add(f));
        plan(cache, missing.size(), blobs, listener);
        cache.prepare();
        Download download = new Download(wire, settings, cache, name, listing.commit(), listener);
        Semaphore open = new Semaphore(FILES_AT_A_TIME);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (List<HubFile> files : blobs.values()) {
          tasks.add(
              () -> {
                open.acquire();
                try {
                  download.fetch(files);
                } finally {
                  open.release();
                }
                return null;
              });
        }
        Together.run(tasks);
      }
      cache.note(name, listing.commit());
      return new Pulled(
          place(cache, name, listing.commit(), wanted),
          listing.commit(),
          wanted.size(),
          wanted.stream().mapToLong(HubFile::size).sum(),
          missing.size());
    }
  }

  /** Tells what there is to do, and that it won't fit before anything is fetched. */
  private void plan(
      RepoCache cache, int files, Map<String, List<HubFile>> blobs, PullListener listener)
      throws IOException {
    long bytes = 0;
    long present = 0;
    long there = 0;
    for (List<HubFile> same : blobs.values()) {
      HubFile file = same.getFirst();
      bytes += file.size();
      if (bytes < 0) {
        throw new HubException("the Hub lists files of more than 2^63 bytes");
      }
      if (Files.exists(cache.blob(file))) {
        there += file.size();
      } else {
        present += PartFile.present(cache.incomplete(file), file.size());
      }
    }
    long needed = bytes - present - there;
    long usable = cache.usableSpace();
    if (needed > usable) {
      throw new HubException(
          "%,d bytes are needed, %,d are free on the disk of %s; set HF_HOME to a folder on a larger one, or free some"
              .formatted(needed, usable, settings.cache()));
    }
    listener.planned(files, bytes, present);
  }

  /**
   * Where the files are, if all that are needed lie in the cache, whoever fetched them. Doesn't use
   * the network.
   */
  public Optional<Path> find(HubName name, Selection selection) throws IOException {
    return look(name, selection).map(Found::path);
  }

  private record Found(Path path, String commit, List<HubFile> files) {}

  private Optional<Found> look(HubName name, Selection selection) throws IOException {
    RepoCache cache = new RepoCache(settings.cache(), name);
    Optional<String> commit = cache.commit(name);
    if (commit.isEmpty()) {
      return Optional.empty();
    }
    List<HubFile> files = cache.files(commit.get());
    List<HubFile> chosen;
    try {
      chosen = selection.of(name, files);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the cache holds other files of it
    }
    boolean complete = Shards.complete(cache.snapshot(commit.get()), chosen);
    return complete
        ? Optional.of(new Found(place(cache, name, commit.get(), chosen), commit.get(), chosen))
        : Optional.empty();
  }

  /** A GGUF file, or the one that was named, by itself; else the folder. */
  private static Path place(RepoCache cache, HubName name, String commit, List<HubFile> files) {
    List<HubFile> gguf = files.stream().filter(f -> f.path().endsWith(".gguf")).toList();
    boolean weights = files.stream().anyMatch(f -> f.path().matches(".*\\.(safetensors|bin|pth)"));
    if (name.what().isPresent()) {
      return cache.pointer(commit, files.getFirst());
    }
    boolean only = name.kind() == HubName.Kind.MODEL && !gguf.isEmpty() && !weights;
    return only && gguf.size() == Shards.of(gguf.getFirst().path())
        ? cache.pointer(commit, gguf.getFirst())
        : cache.snapshot(commit);
  }
}
