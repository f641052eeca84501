package dev.gamelan.app.tour;

import dev.gamelan.model.family.GptNeoX;
import dev.gamelan.train.Initializer;
import dev.gamelan.train.Schedule;
import dev.gamelan.train.TrainingConfig;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a tour is: the same settings give the same weights, bit for bit.
 *
 * @param text what to learn from instead of the JDK's sources and the small world; may be empty
 * @param corpusBytes text that is tokenized
 * @param vocabulary tokens to learn
 * @param layers of the model
 * @param width of the model
 * @param heads of the model
 * @param sequenceLength tokens a sequence
 * @param batchSize sequences a step
 * @param steps of training
 * @param learningRate the peak
 * @param seed of everything
 */
public record TourSettings(
    List<Path> text,
    long corpusBytes,
    int vocabulary,
    int layers,
    int width,
    int heads,
    int sequenceLength,
    int batchSize,
    long steps,
    double learningRate,
    long seed) {
  /** Text that the tokenizer learns from: more changes little and takes longer. */
  public static final long TOKENIZER_BYTES = 6L << 20;

  public TourSettings {
    text = List.copyOf(text);
  }

  /** A line a setting, {@code name=value}: what a folder remembers of its tour. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    try {
      for (RecordComponent c : TourSettings.class.getRecordComponents()) {
        lines.append(c.getName()).append('=').append(c.getAccessor().invoke(this)).append('\n');
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record has its components", e);
    }
    return lines.toString();
  }

  /** A Pythia-shaped model, its vocabulary padded to a multiple of 64 as Pythia pads to 128. */
  public GptNeoX family(int tokens, Optional<Integer> endOfText) {
    int padded = (tokens + 63) / 64 * 64;
    return GptNeoX.pythia(padded, layers, width, heads, sequenceLength, endOfText);
  }

  /** How it is trained: Pythia's recipe at this size. */
  public TrainingConfig training() {
    long twelfth = Math.max(1, steps / 12);
    return new TrainingConfig(
        sequenceLength,
        batchSize,
        1,
        steps,
        learningRate,
        Schedule.Decay.COSINE,
        Math.max(1, steps / 25),
        0.1,
        0.9,
        0.95,
        1e-8,
        0.1,
        1.0,
        Initializer.SMALL,
        seed,
        0.02,
        twelfth,
        64,
        3 * twelfth,
        true,
        2,
        2 * twelfth,
        48);
  }
}
