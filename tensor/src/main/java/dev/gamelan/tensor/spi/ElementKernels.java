package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/** Elementwise operations, embeddings and row gathers. */
public interface ElementKernels {
  /** Every element of x = value. */
  void fill(Tensor x, float value);

  /** y = x, element by element, converted to y's dtype (f32, f16, bf16), nearest even. */
  void copy(Tensor x, Tensor y);

  /** y += x. */
  void addTo(Tensor x, Tensor y);

  /** y = a + b; y may be a or b. */
  void add(Tensor a, Tensor b, Tensor y);

  /** y = scale·x; y may be x. */
  void scale(Tensor x, float scale, Tensor y);

  /** y = min(max(x, −bound), bound), as OLMo's and MPT's clip_qkv; y may be x. NaN stays NaN. */
  void clamp(Tensor x, float bound, Tensor y);

  /** dx (+)= dy where −bound ≤ x ≤ bound, else 0. */
  void clampBackward(Tensor x, float bound, Tensor dy, boolean accumulate, Tensor dx);

  /** y = f(x). */
  void activation(Activation f, Tensor x, Tensor y);

  /** dx (+)= f'(x)·dy. */
  void activationBackward(Activation f, Tensor x, Tensor dy, boolean accumulate, Tensor dx);

  /** y = f(gate)·up: SwiGLU with SILU (Shazeer, 2020). */
  void gated(Activation f, Tensor gate, Tensor up, Tensor y);

  /** dgate = f'(gate)·up·dy and dup = f(gate)·dy. */
  void gatedBackward(Activation f, Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup);

  /**
   * y[i] = σ(gate[i])·x[i]: a whole row by one gate, as Qwen 2-MoE weighs its shared expert.
   *
   * @param gate [n, 1]
   * @param x [n, d]
   */
  default void gateRows(Tensor gate, Tensor x, Tensor y) {
    for (long r = 0; r < x.rows(); r++) {
      double weight = 1 / (1 + Math.exp(-gate.get(r, 0)));
      for (long c = 0; c < x.columns(); c++) {
        y.set(r, c, (float) (weight * x.get(r, c)));
      }
    }
  }

  /** dx[i] = σ(gate[i])·dy[i] and dgate[i] = σ'(gate[i])·(dy[i]·x[i]). */
  default void gateRowsBackward(Tensor gate, Tensor x, Tensor dy, Tensor dgate, Tensor dx) {
    for (long r = 0; r < x.rows(); r++) {
      double weight = 1 / (1 + Math.exp(-gate.get(r, 0)));
      double dot = 0;
      for (long c = 0; c < x.columns(); c++) {
        dot += (double) dy.get(r, c) * x.get(r, c);
        dx.set(r, c, (float) (weight * dy.get(r, c)));
      }
      dgate.set(r, 0, (float) (weight * (1 - weight) * dot));
    }
  }

  /**
   * y[i] (+)= table[ids[i] + offset], or zeros where ids[i] + offset is negative: rows that come
   * from elsewhere.
   *
   * @param ids i32 [n]; the caller has checked that ids + offset lie in the table or are negative
   * @param table [vocabulary, d] in any storage dtype
   */
  void embedding(Tensor ids, int offset, Tensor table, boolean accumulate, Tensor y);

  /** dtable[ids[i] + offset] += dy[i], in the order of i; nothing where that is negative. */
  void embeddingBackward(Tensor ids, int offset, Tensor dy, Tensor dtable);

  /** y[i] = x[rows[i]], or zeros where rows[i] is negative; rows i32 [m]. */
  void selectRows(Tensor x, Tensor rows, Tensor y);

  /** dx[rows[i]] += dy[i], in the order of i; nothing where rows[i] is negative. */
  void selectRowsBackward(Tensor dy, Tensor rows, Tensor dx);
}
