package dev.gamelan.app.tour;

import dev.gamelan.data.DocumentStream;
import dev.gamelan.data.shard.TokenDataset;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of a tour: it holds one, which goes on there; another is refused with what differs. A
 * tour that cannot be, because its text is unreadable or too short, leaves nothing of itself
 * behind, so that the corrected command may use the same folder.
 */
public final class TourFolder {
  private static final String SETTINGS = "settings.txt";

  private final Path folder;
  private final TourSettings settings;

  public TourFolder(Path folder, TourSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * Makes the folder this tour's, if it isn't and the corpus can be read.
   *
   * @throws IllegalArgumentException if the folder holds another tour, or the corpus has no text
   */
  public void claim(TourCorpus corpus) throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (Files.exists(file)) {
      String before = Files.readString(file);
      if (!before.equals(settings.lines())) {
        throw new IllegalArgumentException(
            "%s holds another tour (%s); choose another --out, or delete the folder"
                .formatted(folder, difference(before)));
      }
      return;
    }
    try (DocumentStream documents = corpus.source().open()) {
      documents.hasNext();
    }
    Files.createDirectories(folder);
    Path draft = folder.resolve(SETTINGS + ".tmp");
    Files.writeString(draft, settings.lines());
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private String difference(String before) {
    List<String> was = before.lines().toList();
    List<String> is = settings.lines().lines().toList();
    List<String> changes = new ArrayList<>();
    for (int i = 0; i < Math.min(was.size(), is.size()); i++) {
      if (!was.get(i).equals(is.get(i))) {
        changes.add(was.get(i) + ", now " + is.get(i).substring(is.get(i).indexOf('=') + 1));
      }
    }
    return changes.isEmpty() ? "of another version of Gamelan" : String.join("; ", changes);
  }

  /**
   * Checks that there are tokens to train and to validate on, and else takes back what the tour
   * made of them.
   *
   * @throws IllegalArgumentException if they are too few
   */
  public void enough(TokenDataset data) throws IOException {
    long tokens = data.tokens();
    double share = settings.training().validation_fraction();
    // Validation takes whole documents up to its share, and needs a pair of tokens.
    long needed =
        Math.max((long) (settings.sequenceLength() / (1 - share)) + 2, (long) (2 / share));
    if (tokens < needed) {
      for (String made : List.of("tokens", "tokenizer", SETTINGS)) {
        delete(folder.resolve(made));
      }
      throw new IllegalArgumentException(
          "the text has %,d tokens; a tour needs %,d at least, for a sequence of %d and held-out text: give more text"
              .formatted(tokens, needed, settings.sequenceLength()));
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
