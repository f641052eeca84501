package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;
import java.util.Optional;

/** GGUF's numbers of the storage types. */
final class GgufTypes {
  private GgufTypes() {}

  static int number(DType dtype) {
    return switch (dtype) {
      case F32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q4_1 -> 3;
      case Q5_0 -> 6;
      case Q5_1 -> 7;
      case Q8_0 -> 8;
      case Q2_K -> 10;
      case Q3_K -> 11;
      case Q4_K -> 12;
      case Q5_K -> 13;
      case Q6_K -> 14;
      case IQ4_NL -> 20;
      case I32 -> 26;
      case BF16 -> 30;
    };
  }

  static Optional<DType> of(int number) {
    for (DType dtype : DType.values()) {
      if (number(dtype) == number) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /** The number by which {@code general.file_type} says what most tensors are. */
  static int fileType(DType dtype) {
    return switch (dtype) {
      case F32, I32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q4_1 -> 3;
      case Q8_0 -> 7;
      case Q5_0 -> 8;
      case Q5_1 -> 9;
      case Q2_K -> 10;
      case Q3_K -> 12;
      case Q4_K -> 15;
      case Q5_K -> 17;
      case Q6_K -> 18;
      case IQ4_NL -> 25;
      case BF16 -> 32;
    };
  }
}
