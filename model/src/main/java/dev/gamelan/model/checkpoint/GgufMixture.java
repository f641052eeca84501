package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;

/**
 * Which type each tensor of a GGUF file gets, the same as llama.cpp's {@code llama-quantize} gives
 * it without an importance matrix ({@code llama-quant.cpp}): head and tied embedding are Q6_K at
 * least; in the M mixtures values and the MLP's way down are finer in the first and last eighth of
 * the layers and every third between; with eight experts queries' neighbours cost so little that
 * they are Q8_0. What isn't a multiple of a block falls back to a smaller one.
 *
 * @param type what was asked for
 * @param architecture GGUF's name of the architecture
 * @param spec of the model
 */
record GgufMixture(FileType type, String architecture, DecoderSpec spec) {
  /** Whether a tensor is never quantized: vectors, norms, positions, routers. */
  static boolean keptWhole(String name, Shape shape) {
    return shape.rank() < 2
        || !name.endsWith(".weight")
        || name.endsWith("_norm.weight")
        || name.contains("ffn_gate_inp")
        || name.equals("position_embd.weight");
  }

  /** The type of a tensor by its name in the file. */
  DType of(String name, Shape shape) {
    if (keptWhole(name, shape)) {
      return DType.F32;
    }
    if (!type.dtype().isQuantized()) {
      return type.dtype();
    }
    return fitting(chosen(name, shape.columns()), shape.columns());
  }

  /** The type itself where rows are whole blocks of it, else one with smaller blocks. */
  static DType fitting(DType wanted, long columns) {
    if (columns % wanted.elementsPerBlock() == 0) {
      return wanted;
    }
    DType smaller =
        switch (wanted) {
          case Q2_K, Q3_K -> DType.Q4_0;
          case Q4_K -> DType.Q5_0;
          case Q5_K -> DType.Q5_1;
          case Q6_K -> DType.Q8_0;
          case F32, F16, BF16, I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL -> wanted;
        };
    return columns % smaller.elementsPerBlock() == 0 ? smaller : DType.F16;
  }

  private DType chosen(String name, long columns) {
    DType most = type.dtype();
    boolean falcon = architecture.equals("falcon");
    if (name.equals("output.weight") || spec.tied() && name.equals("token_embd.weight")) {
      boolean whole = columns % most.elementsPerBlock() == 0;
      return falcon || !whole || most == DType.Q8_0 ? DType.Q8_0 : DType.Q6_K;
    }
    boolean eight = spec.mlp().experts().map(e -> e.count() == 8).orElse(false);
    boolean medium = type == FileType.Q4_K_M || type == FileType.Q5_K_M;
    if (name.contains("attn_v.weight") || name.contains("attn_qkv.weight")) {
      return values(name, medium, eight);
    }
    if (name.contains("attn_k.weight")) {
      return eight ? DType.Q8_0 : most;
    }
    if (name.contains("ffn_down")) {
      return down(layer(name), falcon, medium);
    }
    if (name.contains("attn_output.weight")) {
      boolean four = type == FileType.Q4_K_S || type == FileType.Q4_K_M;
      return eight && four && !falcon ? DType.Q5_K : most;
    }
    return most;
  }

  private DType values(String name, boolean medium, boolean eight) {
    int layer = layer(name);
    DType chosen = type.dtype();
    if (medium && sensitive(layer)) {
      chosen = DType.Q6_K;
    } else if (type == FileType.Q4_K_S && layer < 4) {
      chosen = DType.Q5_K;
    }
    if (chosen == DType.Q4_K && seventyBillion()) {
      chosen = DType.Q5_K;
    }
    return eight ? DType.Q8_0 : chosen;
  }

  private DType down(int layer, boolean falcon, boolean medium) {
    int layers = spec.layers();
    if (falcon && type == FileType.Q4_K_M) {
      return layer < layers / 16 ? DType.Q6_K : sensitive(layer) ? DType.Q5_K : DType.Q4_K;
    }
    if (medium && sensitive(layer)) {
      return DType.Q6_K;
    }
    if (type == FileType.Q4_K_S && !falcon && layer < layers / 8) {
      return DType.Q5_K;
    }
    return type.dtype();
  }

  /** The first and the last eighth of the layers, and every third of the others. */
  private boolean sensitive(int layer) {
    int layers = spec.layers();
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }

  /** What llama.cpp takes for a model of 70 billion: its values are few beside its queries. */
  private boolean seventyBillion() {
    boolean shared = spec.attention().kvHeads() < spec.attention().heads();
    return spec.layers() == 80
        && (architecture.equals("llama") && shared
            || architecture.equals("olmo")
            || architecture.equals("qwen2"));
  }

  private static int layer(String name) {
    int end = name.indexOf('.', 4);
    return Integer.parseInt(name.substring(4, end));
  }
}
