package dev.gamelan.data;

import dev.gamelan.data.permute.Permutation;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The resources under one path given by the user, and what must be closed when they are done. */
record Roots(Iterator<Resource> resources, Closeable closeable) {

  static Roots of(Path path, CorpusOptions options, Predicate<String> names, SkipCounter skips) {
    try {
      if (Files.isDirectory(path)) {
        return folder(path, options, names, skips);
      }
      if (isZip(path)) {
        return zip(path, options, names, skips);
      }
      String name = fileName(path);
      Resource file =
          new Resource(
              name,
              path.toString(),
              name,
              Files.size(path),
              true,
              () -> Files.newInputStream(path));
      return new Roots(List.of(file).iterator(), () -> {});
    } catch (IOException e) {
      throw Reading.failure(path.toString(), e);
    }
  }

  private static String fileName(Path path) {
    Path name = path.toAbsolutePath().normalize().getFileName();
    return name == null ? "/" : name.toString();
  }

  private static boolean isZip(Path path) throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(path), 16)) {
      return Compression.startsWith(in.readNBytes(4), Compression.ZIP_MAGIC);
    }
  }

  private static Roots folder(
      Path folder, CorpusOptions options, Predicate<String> names, SkipCounter skips)
      throws IOException {
    String source = fileName(folder);
    List<Resource> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            return hidden(at) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !hidden(file)) {
              String name = folder.relativize(file).toString().replace('\\', '/');
              if (allowed(name, options, skips) && names.test(name)) {
                files.add(
                    new Resource(
                        name,
                        file.toString(),
                        source,
                        attributes.size(),
                        false,
                        () -> Files.newInputStream(file)));
              }
            }
            return FileVisitResult.CONTINUE;
          }

          private boolean hidden(Path at) {
            return !at.equals(folder) && at.getFileName().toString().startsWith(".");
          }
        });
    return new Roots(ordered(files, options), () -> {});
  }

  private static Roots zip(
      Path path, CorpusOptions options, Predicate<String> names, SkipCounter skips)
      throws IOException {
    ZipFile zip = new ZipFile(path.toFile());
    String source = fileName(path);
    List<Resource> entries = new ArrayList<>();
    zip.stream()
        .filter(entry -> !entry.isDirectory())
        .filter(entry -> allowed(entry.getName(), options, skips) && names.test(entry.getName()))
        .forEach(
            (ZipEntry entry) ->
                entries.add(
                    new Resource(
                        entry.getName(),
                        path + "!/" + entry.getName(),
                        source,
                        entry.getSize(),
                        false,
                        () -> zip.getInputStream(entry))));
    return new Roots(ordered(entries, options), zip);
  }

  private static boolean allowed(String name, CorpusOptions options, SkipCounter skips) {
    boolean allowed = options.extensions().contains(Resource.extension(name));
    if (!allowed) {
      skips.add(Skipped.Reason.EXTENSION, name);
    }
    return allowed;
  }

  private static Iterator<Resource> ordered(List<Resource> all, CorpusOptions options) {
    all.sort(Comparator.comparing(Resource::name));
    if (options.shuffle().isEmpty() || all.isEmpty()) {
      return all.iterator();
    }
    Permutation permutation = new Permutation(all.size(), options.shuffle().getAsLong(), 0);
    return LongStream.range(0, all.size())
        .mapToObj(i -> all.get((int) permutation.apply(i)))
        .iterator();
  }
}
