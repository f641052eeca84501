package dev.gamelan.eval.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;

/** Where the task files that come with us lie: in our jar, or in the build's folder of classes. */
final class BuiltIn {
  private BuiltIn() {}

  static Path folder() {
    return resource("tasks");
  }

  /** A file or folder beside this package's resources. */
  static Path resource(String name) {
    URL url = BuiltIn.class.getResource("/dev/gamelan/eval/" + name);
    if (url == null) {
      throw new IllegalStateException("eval: this build lacks its resource " + name);
    }
    try {
      URI uri = url.toURI();
      if (!uri.getScheme().equals("jar")) {
        return Path.of(uri);
      }
      FileSystem jar;
      try {
        // Stays open as long as the process: task files are read lazily.
        jar = FileSystems.newFileSystem(uri, Map.of());
      } catch (FileSystemAlreadyExistsException e) {
        jar = FileSystems.getFileSystem(uri);
      }
      return jar.provider().getPath(uri);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
