package dev.gamelan.data;

import dev.gamelan.tensor.random.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Several corpora drawn together, in proportions of their bytes. Which document comes k-th is a
 * function of the seed, the weights and the corpora.
 *
 * <p>Turns are drawn at random by weight. A turn earns its corpus {@value #TURN_BYTES} bytes; it
 * gives documents while it has some left, and a long document is paid for with the turns after. So
 * shares of bytes come out as the weights say, however long the documents are.
 */
public final class Mixture implements DocumentSource {
  private static final int TURN_BYTES = 4096;
  private static final long STREAM = 0x4D495854L;

  /** What happens when a corpus is at its end. */
  public enum AtEnd {
    /** The mixture ends. */
    STOP,
    /** The others go on in their proportions. */
    LEAVE,
    /** It begins again; some other part must stop the mixture, or a limit of bytes. */
    REPEAT
  }

  /**
   * One corpus of a mixture.
   *
   * @param weight its share of the bytes, relative to the other weights; above 0, finite
   */
  public record Part(DocumentSource corpus, double weight, AtEnd atEnd) {
    public Part {
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "mixture: the weight of %s is %s; it must be above 0 and finite"
                .formatted(corpus.name(), weight));
      }
    }
  }

  private final List<Part> parts;
  private final long seed;

  /**
   * @throws IllegalArgumentException if there are no parts
   */
  public Mixture(List<Part> parts, long seed) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("mixture: no parts; give at least one corpus");
    }
    this.parts = List.copyOf(parts);
    this.seed = seed;
  }

  @Override
  public String name() {
    return parts.stream()
        .map(part -> part.weight() + " × " + part.corpus().name())
        .collect(Collectors.joining(" + "));
  }

  @Override
  public DocumentStream open() {
    return new Mixed();
  }

  private static final class Voice {
    final Part part;
    DocumentStream stream;
    long credit;
    Skipped before = Skipped.none();

    Voice(Part part) {
      this.part = part;
      this.stream = part.corpus().open();
    }
  }

  private final class Mixed extends DocumentStream {
    private final CounterRandom random = new CounterRandom(seed, STREAM);
    private final List<Voice> voices = new ArrayList<>();
    private final List<Voice> all;
    private Optional<Voice> turn = Optional.empty();
    private long turns;
    private boolean over;

    Mixed() {
      try {
        parts.forEach(part -> voices.add(new Voice(part)));
      } catch (RuntimeException e) {
        voices.forEach(voice -> voice.stream.close());
        throw e;
      }
      all = List.copyOf(voices);
    }

    @Override
    protected Optional<Document> advance() {
      while (!over && !voices.isEmpty()) {
        if (turn.isEmpty() || turn.get().credit <= 0) {
          Voice drawn = draw();
          drawn.credit += TURN_BYTES;
          turn = Optional.of(drawn);
        } else if (turn.get().stream.hasNext()) {
          Document document = turn.get().stream.next();
          turn.get().credit -= document.bytes();
          return Optional.of(document);
        } else {
          ended(turn.get());
        }
      }
      return Optional.empty();
    }

    private Voice draw() {
      double sum = 0;
      for (Voice voice : voices) {
        sum += voice.part.weight();
      }
      double x = random.uniform(turns++) * sum;
      for (Voice voice : voices) {
        x -= voice.part.weight();
        if (x < 0) {
          return voice;
        }
      }
      return voices.getLast();
    }

    private void ended(Voice voice) {
      voice.stream.close();
      switch (voice.part.atEnd()) {
        case STOP -> over = true;
        case LEAVE -> {
          voices.remove(voice);
          turn = Optional.empty();
        }
        case REPEAT -> repeat(voice);
      }
    }

    private void repeat(Voice voice) {
      voice.before = voice.stream.skipped();
      voice.stream = voice.part.corpus().open();
      if (!voice.stream.hasNext()) {
        throw new DataException(
            "mixture: %s is to be repeated but holds no document; leave it out"
                .formatted(voice.part.corpus().name()));
      }
    }

    @Override
    protected void release() {
      all.forEach(voice -> voice.stream.close());
    }

    /** Of each corpus once, however often it was repeated. */
    @Override
    public Skipped skipped() {
      Skipped sum = Skipped.none();
      for (Voice voice : all) {
        sum = sum.plus(voice.before.counts().isEmpty() ? voice.stream.skipped() : voice.before);
      }
      return sum;
    }
  }
}
