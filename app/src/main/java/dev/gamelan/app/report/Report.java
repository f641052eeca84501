package dev.gamelan.app.report;

import dev.gamelan.app.report.Block.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A report on one page that needs nothing but itself: no network, no other file. The same report
 * always gives the same bytes.
 *
 * @param title the page's title
 * @param summary one or two sentences: what was done, and how it ended
 * @param sections in the order of reading
 * @param footer what made it, e.g. the version and the command
 */
public record Report(String title, String summary, List<Section> sections, String footer) {
  public Report {
    sections = List.copyOf(sections);
  }

  /** The page, as HTML. */
  public String html() {
    return new Page().render(this);
  }

  /**
   * Writes the page to a file, whole or not at all.
   *
   * @throws IOException if it can't be written; a file that was there before stays as it was
   */
  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Not createTempFile: that lets nobody else read the report.
    Path draft =
        folder.resolve("." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(html().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
