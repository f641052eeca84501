package dev.gamelan.data.world;

import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentSource;
import dev.gamelan.data.DocumentStream;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Documents about a {@link World}, in simple English: stories, facts, arithmetic, questions and
 * answers, reading exercises, dialogues. Document k is a function of the world's seed and k alone;
 * its licence is CC0-1.0, its source {@code world/stories}, {@code world/facts}, {@code
 * world/arithmetic}, {@code world/qa}, {@code world/reading} or {@code world/dialogues}.
 */
public final class WorldCorpus {
  /** What every document may be used under. */
  public static final String LICENCE = "CC0-1.0";

  private static final long STREAM = 0x444F4353L;

  private final World world;
  private final Stories stories;
  private final Lessons lessons;

  public WorldCorpus(World world) {
    this.world = world;
    this.stories = new Stories(world, world.inhabitants());
    this.lessons = new Lessons(world, world.inhabitants());
  }

  /**
   * @param k at least 0
   */
  public Document document(long k) {
    if (k < 0) {
      throw new IllegalArgumentException("world corpus: document " + k + "; it must be at least 0");
    }
    Draw draw = new Draw(world.seed(), STREAM, k);
    int kind = draw.below(100);
    if (kind < 45) {
      return document(k, "stories", stories.write(draw));
    } else if (kind < 60) {
      return document(k, "facts", lessons.facts(draw));
    } else if (kind < 72) {
      return document(k, "qa", lessons.questions(draw));
    } else if (kind < 82) {
      return document(k, "arithmetic", lessons.arithmetic(draw));
    } else if (kind < 92) {
      return document(k, "reading", lessons.reading(draw));
    }
    return document(k, "dialogues", lessons.dialogue(draw));
  }

  private Document document(long k, String kind, String text) {
    return new Document("world-" + world.seed() + "/" + k, text, "world/" + kind, LICENCE);
  }

  /** The first {@code count} documents. */
  public DocumentSource documents(long count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "world corpus: " + count + " documents; ask for at least 1");
    }
    return DocumentSource.of(name(), () -> DocumentStream.of(new Numbered(count)));
  }

  /** The first documents, up to and with the one that reaches this many bytes of UTF-8. */
  public DocumentSource bytes(long bytes) {
    return documents(Long.MAX_VALUE).limited(bytes);
  }

  private String name() {
    return "world (seed " + world.seed() + ")";
  }

  private final class Numbered implements Iterator<Document> {
    private final long count;
    private long next;

    Numbered(long count) {
      this.count = count;
    }

    @Override
    public boolean hasNext() {
      return next < count;
    }

    @Override
    public Document next() {
      if (!hasNext()) {
        throw new NoSuchElementException("world corpus: all " + count + " documents are out");
      }
      return document(next++);
    }
  }
}
