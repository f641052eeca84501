package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;

/**
 * What a model is stored as. The K types with S or M are mixtures: most matrices are of one type,
 * those that bear less are of a finer one ({@link GgufMixture}).
 */
public enum FileType {
  F32(DType.F32, 0),
  F16(DType.F16, 1),
  BF16(DType.BF16, 32),
  Q8_0(DType.Q8_0, 7),
  Q4_0(DType.Q4_0, 2),
  Q4_1(DType.Q4_1, 3),
  Q5_0(DType.Q5_0, 8),
  Q5_1(DType.Q5_1, 9),
  Q4_K_S(DType.Q4_K, 14),
  Q4_K_M(DType.Q4_K, 15),
  Q5_K_S(DType.Q5_K, 16),
  Q5_K_M(DType.Q5_K, 17),
  Q6_K(DType.Q6_K, 18);

  private final DType dtype;
  private final int number;

  FileType(DType dtype, int number) {
    this.dtype = dtype;
    this.number = number;
  }

  /** The type of most matrices. */
  public DType dtype() {
    return dtype;
  }

  /** GGUF's number of it, {@code general.file_type}. */
  int number() {
    return number;
  }
}
