package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.RotaryStyle;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rotary embedding and attention over whole sequences. */
public abstract class AttentionContract extends BackendContract {
  private static final Tolerance CLOSE = Tolerance.of(1e-5, 3e-5);

  /** Sequences, length, heads. */
  private record Case(int sequences, int length, Heads heads) {}

  private static final List<Case> CASES =
      List.of(
          new Case(1, 1, Heads.of(1, 1, 1)),
          new Case(3, 1, Heads.of(2, 2, 16)),
          new Case(2, 2, Heads.of(7, 1, 7).interleaved()),
          new Case(2, 7, Heads.of(2, 1, 13).withAlibi()),
          new Case(1, 13, Heads.of(6, 2, 64)),
          new Case(3, 16, Heads.of(4, 4, 16).interleaved()),
          new Case(2, 17, Heads.of(2, 2, 33).withWindow(5)),
          new Case(1, 31, Heads.of(16, 2, 8).interleaved().withAlibi()),
          new Case(2, 33, Heads.of(3, 3, 17).interleaved().withWindow(16)),
          new Case(1, 64, Heads.of(4, 2, 32)),
          new Case(2, 65, Heads.of(4, 2, 64).withWindow(1)),
          new Case(1, 130, Heads.of(2, 1, 207)),
          new Case(1, 207, Heads.of(2, 1, 64).interleaved().withWindow(64).withAlibi()),
          new Case(2, 207, Heads.of(2, 2, 31)),
          new Case(1, 1, Heads.of(1, 1, 1).everywhere()),
          new Case(2, 7, Heads.of(2, 1, 13).everywhere()),
          new Case(3, 17, Heads.of(4, 4, 16).interleaved().everywhere()),
          new Case(1, 97, Heads.of(6, 2, 33).everywhere()),
          new Case(2, 207, Heads.of(2, 2, 31).everywhere()),
          new Case(1, 577, Heads.of(1, 1, 64).everywhere()),
          new Case(1, 4098, Heads.of(1, 1, 3).withWindow(13)));

  @Test
  void attention_and_its_gradients_agree_for_every_kind_of_heads() {
    for (Case c : CASES) {
      agrees(c.toString(), Tolerance.of(1e-5, 1e-4), attention(c));
    }
  }

  @Test
  void scores_far_apart_neither_overflow_nor_lose_the_largest() {
    Heads heads = Heads.of(2, 1, 64);
    agrees(
        "attention with scores of hundreds",
        Tolerance.of(1e-4, 2e-2),
        (k, o) ->
            k.attention(
                o.input(17, heads.width(), 10),
                heads.shape(1),
                1,
                17,
                o.output(17, 128),
                o.output(17, 2)));
  }

  @Test
  void no_sequences_write_nothing() {
    agrees("attention of nothing", Tolerance.EXACT, attention(new Case(0, 7, Heads.of(2, 1, 8))));
  }

  @Test
  void a_later_position_never_changes_an_earlier_one() {
    Heads heads = Heads.of(4, 2, 16).interleaved();
    Operands o = operands();
    Tensor qkv = o.input(33, heads.width());
    Tensor before = o.output(33, 64);
    Tensor after = o.output(33, 64);
    Tensor lse = o.output(33, 4);
    kernels.attention(qkv, heads.shape(), 1, 33, before, lse);
    kernels.finish();
    for (int c = 0; c < heads.width(); c++) {
      qkv.set(20, c, Float.NaN);
    }
    kernels.attention(qkv, heads.shape(), 1, 33, after, lse);
    kernels.finish();
    assertSameBits("positions before", after.rows(0, 20), before.rows(0, 20));
    assertThat(after.get(20, 0)).isNaN();
    assertThat(after.get(32, 63)).isNaN();
  }

  @Test
  void without_causality_the_first_position_sees_the_last() {
    Heads heads = Heads.of(4, 2, 16).everywhere();
    Operands o = operands();
    Tensor qkv = o.input(33, heads.width());
    Tensor out = o.output(33, 64);
    qkv.set(32, heads.shape().v()[1], Float.NaN);
    kernels.attention(qkv, heads.shape(), 1, 33, out, o.output(33, 4));
    kernels.finish();
    assertThat(out.get(0, 2 * 16)).isNaN();
    assertThat(out.get(0, 0)).isNotNaN();
  }

  @Test
  void a_sequence_has_the_bits_alone_that_it_has_among_others() {
    for (Heads heads :
        List.of(
            Heads.of(4, 2, 16),
            Heads.of(4, 2, 17).everywhere(),
            Heads.of(3, 3, 33).interleaved().withWindow(9).withAlibi())) {
      Operands o = operands();
      int length = 67;
      int columns = heads.heads() * heads.headDim();
      AttentionShape shape = heads.shape();
      Tensor qkv = o.input(3 * length, heads.width());
      Tensor dout = o.input(3 * length, columns);
      Tensor out = o.output(3 * length, columns);
      Tensor lse = o.output(3 * length, heads.heads());
      Tensor dqkv = o.output(3 * length, heads.width());
      Tensor dqkvAlone = o.output(3 * length, heads.width());
      dqkvAlone.segment().copyFrom(dqkv.segment());
      kernels.attention(qkv, shape, 3, length, out, lse);
      kernels.attentionBackward(dout, qkv, out, lse, shape, 3, length, dqkv);
      for (int s = 0; s < 3; s++) {
        int from = s * length;
        int to = from + length;
        Tensor alone = o.output(length, columns);
        Tensor lseAlone = o.output(length, heads.heads());
        kernels.attention(qkv.rows(from, to), shape, 1, length, alone, lseAlone);
        kernels.attentionBackward(
            dout.rows(from, to),
            qkv.rows(from, to),
            alone,
            lseAlone,
            shape,
            1,
            length,
            dqkvAlone.rows(from, to));
        kernels.finish();
        assertSameBits("attention", alone, out.rows(from, to));
        assertSameBits("lse", lseAlone, lse.rows(from, to));
      }
      assertSameBits("attentionBackward", dqkvAlone, dqkv);
    }
  }

  @Test
  void attention_has_the_same_bits_with_any_number_of_threads() {
    for (Case c : CASES.subList(3, CASES.size())) {
      sameBitsWithAnyThreads(c.toString(), attention(c));
    }
  }

  @Test
  void the_gradients_of_attention_are_those_of_finite_differences() {
    for (Heads heads :
        List.of(
            Heads.of(2, 2, 3),
            Heads.of(4, 2, 3).interleaved(),
            Heads.of(2, 1, 4).withWindow(3),
            Heads.of(4, 2, 3).everywhere(),
            Heads.of(2, 2, 3).withAlibi().interleaved())) {
      gradientsAgree(
          heads.toString(),
          (k, o) -> {
            Tensor qkv = o.input(10, heads.width());
            Tensor out = o.output(10, heads.heads() * heads.headDim());
            Tensor lse = o.output(10, heads.heads());
            k.attention(qkv, heads.shape(), 2, 5, out, lse);
            k.attentionBackward(
                o.cotangent(out), qkv, out, lse, heads.shape(), 2, 5, o.gradientOf(qkv));
          });
    }
  }

  @Test
  void rotary_agrees_for_both_styles_partial_and_whole_and_back() {
    for (RotaryStyle style : RotaryStyle.values()) {
      for (int n : SIZES) {
        for (int half : new int[] {1, 3, 4, 8, 13, 16, 32}) {
          for (boolean inverse : new boolean[] {false, true}) {
            agrees(
                "rotary %s, %d rows, %d pairs, inverse %s".formatted(style, n, half, inverse),
                CLOSE,
                (k, o) -> {
                  // Heads of 2·half + 3 columns, of which 2·half turn; a head in between stays.
                  int d = 2 * half + 3;
                  Tensor x = o.output(n, 3L * d + 1);
                  k.rotary(
                      x,
                      new int[] {0, 2 * d + 1},
                      style,
                      o.ints(n, i -> i * 7 % 19),
                      o.input(19, half),
                      o.input(19, half),
                      inverse);
                });
          }
        }
      }
    }
  }

  @Test
  void turning_back_gives_what_was_turned() {
    for (RotaryStyle style : RotaryStyle.values()) {
      Operands o = operands();
      Tensor x = o.output(33, 64);
      float[] before = x.toFloats();
      Tensor positions = o.ints(33, i -> i);
      Tensor cos = Tensor.zeros(33, 16);
      Tensor sin = Tensor.zeros(33, 16);
      for (int p = 0; p < 33; p++) {
        for (int i = 0; i < 16; i++) {
          double angle = p * Math.pow(10000, -i / 16.0);
          cos.set(p, i, (float) Math.cos(angle));
          sin.set(p, i, (float) Math.sin(angle));
        }
      }
      kernels.rotary(x, new int[] {0, 32}, style, positions, cos, sin, false);
      kernels.rotary(x, new int[] {0, 32}, style, positions, cos, sin, true);
      kernels.finish();
      Tolerance.of(0, 1e-6).check("rotary " + style, x.toFloats(), before, before);
    }
  }

  @Test
  void rotary_has_the_same_bits_with_any_number_of_threads() {
    for (RotaryStyle style : RotaryStyle.values()) {
      sameBitsWithAnyThreads(
          "rotary " + style,
          (k, o) ->
              k.rotary(
                  o.output(300, 129),
                  new int[] {0, 65},
                  style,
                  o.ints(300, i -> i % 50),
                  o.input(50, 23),
                  o.input(50, 23),
                  false));
    }
  }

  @Test
  void the_gradient_of_rotary_is_that_of_finite_differences() {
    for (RotaryStyle style : RotaryStyle.values()) {
      gradientsAgree(
          "rotary " + style,
          (k, o) -> {
            Tensor x = o.input(4, 11);
            Tensor positions = o.ints(4, i -> i * 3 % 5);
            Tensor cos = o.input(5, 2);
            Tensor sin = o.input(5, 2);
            Tensor y = o.output(4, 11);
            k.copy(x, y);
            k.rotary(y, new int[] {0, 5}, style, positions, cos, sin, false);
            Tensor dx = o.gradientOf(x);
            k.copy(o.cotangent(y), dx);
            k.rotary(dx, new int[] {0, 5}, style, positions, cos, sin, true);
          });
    }
  }

  private static Call attention(Case c) {
    return (k, o) -> {
      Heads heads = c.heads();
      int rows = c.sequences() * c.length();
      AttentionShape shape = heads.shape();
      Tensor qkv = o.input(rows, heads.width());
      Tensor out = o.output(rows, heads.heads() * heads.headDim());
      Tensor lse = o.output(rows, heads.heads());
      k.attention(qkv, shape, c.sequences(), c.length(), out, lse);
      k.attentionBackward(
          o.input(rows, heads.heads() * heads.headDim()),
          qkv,
          out,
          lse,
          shape,
          c.sequences(),
          c.length(),
          o.output(rows, heads.width()));
    };
  }
}
