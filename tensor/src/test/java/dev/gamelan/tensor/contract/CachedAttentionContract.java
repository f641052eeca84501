package dev.gamelan.tensor.contract;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attention through the paged cache: however a sequence is cut and laid, the same bits. */
public abstract class CachedAttentionContract extends BackendContract {
  private static final List<Heads> HEADS =
      List.of(
          Heads.of(1, 1, 1),
          Heads.of(4, 2, 16),
          Heads.of(7, 1, 13).interleaved(),
          Heads.of(2, 2, 33).withAlibi(),
          Heads.of(6, 3, 64).interleaved().withWindow(9),
          Heads.of(8, 2, 8).withWindow(20).withAlibi());

  /** Which rows ride in one pass: sequence and position of each. */
  private record Pass(int[] sequences, int[] positions) {}

  @Test
  void cached_attention_agrees_with_the_reference() {
    for (Heads heads : HEADS) {
      for (int pageSize : new int[] {1, 4, 16, 31, 64}) {
        Tensor[] qkv = sequences(heads, 67, 33);
        Cache expected = new Cache(heads, pageSize, false, 67, 33);
        Cache actual = new Cache(heads, pageSize, false, 67, 33);
        String what = "%s, pages of %d".formatted(heads, pageSize);
        for (Pass pass : List.of(chunk(0, 0, 40), mixed(40, 67, 0, 33))) {
          float[] e = expected.run(reference, qkv, pass).toFloats();
          float[] a = actual.run(kernels, qkv, pass).toFloats();
          Tolerance.of(1e-5, 2e-5).check(what, a, e, e);
        }
        assertSameBits(what + ", keys", actual.pages.keys(), expected.pages.keys());
        assertSameBits(what + ", values", actual.pages.values(), expected.pages.values());
      }
    }
  }

  @Test
  void a_row_has_the_same_bits_however_its_sequence_was_cut_into_passes() {
    for (Heads heads : HEADS) {
      for (int pageSize : new int[] {4, 16}) {
        Tensor[] qkv = sequences(heads, 67);
        Tensor whole = inChunks(heads, pageSize, false, qkv, 67);
        for (int chunk : new int[] {1, 5, 16, 33}) {
          assertSameBits(
              "%s, pages of %d, %d rows a pass".formatted(heads, pageSize, chunk),
              inChunks(heads, pageSize, false, qkv, chunk),
              whole);
        }
      }
    }
  }

  @Test
  void a_row_has_the_same_bits_wherever_its_pages_lie() {
    for (Heads heads : HEADS) {
      Tensor[] qkv = sequences(heads, 67);
      assertSameBits(
          heads.toString(), inChunks(heads, 16, true, qkv, 5), inChunks(heads, 16, false, qkv, 67));
    }
  }

  @Test
  void a_sequence_has_the_same_bits_alone_and_beside_another() {
    for (Heads heads : HEADS) {
      Tensor[] both = sequences(heads, 40, 67);
      Cache cache = new Cache(heads, 16, true, 40, 67);
      Tensor out = cache.run(kernels, both, mixed(0, 40, 0, 67));
      Tensor first =
          new Cache(heads, 16, false, 40).run(kernels, new Tensor[] {both[0]}, chunk(0, 0, 40));
      Tensor second =
          new Cache(heads, 16, false, 67).run(kernels, new Tensor[] {both[1]}, chunk(0, 0, 67));
      // mixed() alternates the two until the shorter ends.
      for (int i = 0; i < 107; i++) {
        boolean ofFirst = i < 80 && i % 2 == 0;
        int row = i < 80 ? i / 2 : i - 40;
        assertSameBits(
            "%s, row %d".formatted(heads, i),
            out.rows(i, i + 1),
            (ofFirst ? first : second).rows(row, row + 1));
      }
    }
  }

  @Test
  void one_row_at_a_time_for_many_sequences_has_the_bits_of_each_alone() {
    Heads heads = Heads.of(4, 2, 32);
    int[] lengths = {3, 17, 31, 64, 1, 50};
    Tensor[] qkv = sequences(heads, lengths);
    Cache together = new Cache(heads, 16, true, lengths);
    int[] last = Arrays.stream(lengths).map(n -> n - 1).toArray();
    for (int s = 0; s < lengths.length; s++) {
      if (last[s] > 0) {
        together.run(kernels, qkv, chunk(s, 0, last[s]));
      }
    }
    Tensor out = together.run(kernels, qkv, new Pass(new int[] {0, 1, 2, 3, 4, 5}, last));
    for (int s = 0; s < lengths.length; s++) {
      Tensor alone =
          new Cache(heads, 16, false, lengths[s])
              .run(kernels, new Tensor[] {qkv[s]}, chunk(0, 0, lengths[s]));
      assertSameBits("sequence " + s, out.rows(s, s + 1), alone.rows(last[s], lengths[s]));
    }
  }

  @Test
  void cached_attention_has_the_same_bits_with_any_number_of_threads() {
    for (Heads heads : HEADS) {
      Tensor[] qkv = sequences(heads, 67, 33);
      float[] expected = {};
      for (int threads = 1; threads <= 3; threads++) {
        try (Kernels k = open(threads, ComputeMode.F32)) {
          Tensor out = new Cache(heads, 16, false, 67, 33).run(k, qkv, mixed(0, 67, 0, 33));
          if (threads == 1) {
            expected = out.toFloats();
          }
          assertSameBits(
              heads + ", threads " + threads, out, Tensor.copyOf(expected, out.shape().extents()));
        }
      }
    }
  }

  @Test
  void attention_through_the_cache_is_attention_over_the_whole_sequence() {
    for (Heads heads : HEADS) {
      Tensor[] qkv = sequences(heads, 67);
      Tensor cached = inChunks(heads, 16, true, qkv, 5);
      Tensor whole = Tensor.zeros(67, heads.heads() * heads.headDim());
      kernels.attention(qkv[0], heads.shape(), 1, 67, whole, Tensor.zeros(67, heads.heads()));
      kernels.finish();
      float[] e = whole.toFloats();
      Tolerance.of(1e-5, 1e-5).check(heads.toString(), cached.toFloats(), e, e);
    }
  }

  @Test
  void the_row_at_position_4097_reads_all_257_pages() {
    Heads heads = Heads.of(2, 1, 16);
    Tensor[] qkv = sequences(heads, 4098);
    Pass pass = chunk(0, 4097, 4098);
    float[][] out = new float[2][];
    Kernels[] backends = {reference, kernels};
    for (int i = 0; i < 2; i++) {
      Cache cache = new Cache(heads, 16, true, 4098);
      cache.write(backends[i], qkv, chunk(0, 0, 4097));
      out[i] = cache.run(backends[i], qkv, pass).toFloats();
    }
    Tolerance.of(1e-5, 2e-5).check("position 4097", out[1], out[0], out[0]);
  }

  @Test
  void a_pass_without_rows_writes_nothing() {
    Heads heads = Heads.of(2, 1, 8);
    Tensor[] qkv = sequences(heads, 1);
    Cache cache = new Cache(heads, 4, false, 1);
    float[] keys = cache.pages.keys().toFloats();
    Tensor out = cache.run(kernels, qkv, new Pass(new int[0], new int[0]));
    assertSameBits(
        "keys", cache.pages.keys(), Tensor.copyOf(keys, cache.pages.keys().shape().extents()));
    assertSameBits("out", out, Tensor.zeros(0, 16));
  }

  /** A cache whose free slots hold NaN, and whose tables name a page of NaN behind the window. */
  private static final class Cache {
    private final Heads heads;
    private final KvPages pages;
    private final int pageSize;
    private final int[][] tables;

    Cache(Heads heads, int pageSize, boolean shuffled, int... lengths) {
      this.heads = heads;
      this.pageSize = pageSize;
      int perSequence = (Arrays.stream(lengths).max().orElse(0) + pageSize - 1) / pageSize;
      int count = lengths.length * perSequence + 1;
      tables = new int[lengths.length][perSequence];
      int next = 0;
      for (int[] table : tables) {
        for (int i = 0; i < table.length; i++, next++) {
          // Multiplying by a number prime to the count is a permutation; page 0 stays NaN.
          table[i] = 1 + (shuffled ? (next * coprime(count - 1) + 3) % (count - 1) : next);
        }
      }
      pages =
          new KvPages(
              nan(count, heads.kvHeads(), heads.headDim(), pageSize),
              nan(count, heads.kvHeads(), pageSize, heads.headDim()),
              pageSize);
    }

    Tensor run(Kernels k, Tensor[] qkv, Pass pass) {
      Tensor rows = write(k, qkv, pass);
      AttentionShape shape = heads.shape();
      Tensor out = operands().output(pass.positions.length, heads.heads() * heads.headDim());
      k.cachedAttention(rows, shape, cacheRows(pass), pages, out);
      k.finish();
      return out;
    }

    Tensor write(Kernels k, Tensor[] qkv, Pass pass) {
      int n = pass.positions.length;
      Tensor rows = Tensor.zeros(n, heads.width());
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < heads.width(); c++) {
          rows.set(i, c, qkv[pass.sequences[i]].get(pass.positions[i], c));
        }
      }
      k.cacheWrite(rows, heads.shape(), cacheRows(pass), pages);
      k.finish();
      return rows;
    }

    private CacheRows cacheRows(Pass pass) {
      int n = pass.positions.length;
      Tensor table =
          Tensor.copyOf(new int[tables.length * tables[0].length], tables.length, tables[0].length);
      for (int s = 0; s < tables.length; s++) {
        int first = firstPage(pass, s);
        for (int i = 0; i < tables[s].length; i++) {
          table.setInt(s, i, i < first ? 0 : tables[s][i]);
        }
      }
      return new CacheRows(
          Tensor.copyOf(pass.positions, n), Tensor.copyOf(pass.sequences, n), table);
    }

    /** The first page that the pass reads of a sequence. */
    private int firstPage(Pass pass, int sequence) {
      int first = Integer.MAX_VALUE;
      for (int i = 0; i < pass.positions.length; i++) {
        if (pass.sequences[i] == sequence) {
          int from = heads.window() == 0 ? 0 : pass.positions[i] - heads.window() + 1;
          first = Math.min(first, Math.max(0, from) / pageSize);
        }
      }
      return first;
    }

    private static int coprime(int count) {
      BigInteger factor = BigInteger.valueOf(7);
      while (!factor.gcd(BigInteger.valueOf(count)).equals(BigInteger.ONE)) {
        factor = factor.nextProbablePrime();
      }
      return factor.intValue();
    }

    private static Tensor nan(long... extents) {
      Tensor tensor = Tensor.zeros(extents);
      float[] values = new float[(int) tensor.elements()];
      Arrays.fill(values, Float.NaN);
      return Tensor.copyOf(values, extents);
    }
  }

  private Tensor inChunks(Heads heads, int pageSize, boolean shuffled, Tensor[] qkv, int chunk) {
    int length = (int) qkv[0].rows();
    Cache cache = new Cache(heads, pageSize, shuffled, length);
    int columns = heads.heads() * heads.headDim();
    Tensor all = Tensor.zeros(length, columns);
    for (int from = 0; from < length; from += chunk) {
      int to = Math.min(length, from + chunk);
      Tensor out = cache.run(kernels, qkv, chunk(0, from, to));
      all.rows(from, to).segment().copyFrom(out.segment());
    }
    return all;
  }

  private static Tensor[] sequences(Heads heads, int... lengths) {
    Operands o = operands();
    List<Tensor> sequences = new ArrayList<>();
    for (int length : lengths) {
      sequences.add(o.input(length, heads.width()));
    }
    return sequences.toArray(Tensor[]::new);
  }

  private static Pass chunk(int sequence, int from, int to) {
    int[] sequences = new int[to - from];
    int[] positions = new int[to - from];
    for (int i = 0; i < positions.length; i++) {
      sequences[i] = sequence;
      positions[i] = from + i;
    }
    return new Pass(sequences, positions);
  }

  /** Rows of sequence 0 and 1 in turn until one ends, then the rest of the other. */
  private static Pass mixed(int from0, int to0, int from1, int to1) {
    int n = to0 - from0 + to1 - from1;
    int[] sequences = new int[n];
    int[] positions = new int[n];
    int[] next = {from0, from1};
    int[] end = {to0, to1};
    for (int i = 0; i < n; i++) {
      int wanted = i % 2;
      int s = next[wanted] < end[wanted] ? wanted : 1 - wanted;
      if (next[0] >= end[0] || next[1] >= end[1]) {
        s = next[0] < end[0] ? 0 : 1;
      }
      sequences[i] = s;
      positions[i] = next[s]++;
    }
    return new Pass(sequences, positions);
  }
}
