package dev.gamelan.eval.task;

import java.util.List;

/** A metric's value of one document: a number, or what its aggregation needs of the document. */
public sealed interface Measure {
  /** A number. */
  record Number(double value) implements Measure {}

  /** A whole number, which results show without a point. */
  record Whole(long value) implements Measure {}

  /** Log-likelihood and the words or bytes it is spread over. */
  record Weighted(double value, double weight) implements Measure {}

  /** The right class and the predicted one. */
  record Classes(int gold, int predicted) implements Measure {}

  /** The right class and the probability of each. */
  record Distribution(int gold, List<Double> probabilities) implements Measure {
    public Distribution {
      probabilities = List.copyOf(probabilities);
    }
  }

  /** A reference and what was generated, for metrics of whole corpora. */
  record Texts(List<String> references, String prediction) implements Measure {
    public Texts {
      references = List.copyOf(references);
    }
  }

  /** The number, where it is one. */
  default double number() {
    return switch (this) {
      case Number n -> n.value();
      case Whole w -> w.value();
      case Weighted _, Classes _, Distribution _, Texts _ ->
          throw new IllegalStateException("eval: " + this + " isn't a single number");
    };
  }
}
