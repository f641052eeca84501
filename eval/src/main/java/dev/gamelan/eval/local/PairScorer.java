package dev.gamelan.eval.local;

import dev.gamelan.eval.local.PrefixTree.Mark;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Log-likelihoods of many pairs of tokens by one walk over their prefix tree. */
final class PairScorer {
  /** Sequences a pass. */
  static final int SEQUENCES = 64;

  /** Takes the sum of log-probabilities of a pair's continuation. */
  interface Sink {
    void scored(int pair, double sum, boolean greedy);
  }

  private final Model model;
  private final Kernels kernels;
  private final int maxLength;
  private final int rows;
  private final LocalModel.Progress progress;

  PairScorer(Model model, Kernels kernels, int maxLength, int rows, LocalModel.Progress progress) {
    this.model = model;
    this.kernels = kernels;
    this.maxLength = maxLength;
    this.rows = rows;
    this.progress = progress;
  }

  PrefixTree score(List<TokenPair> pairs, Sink sink) {
    List<int[]> inputs = new ArrayList<>(pairs.size());
    int[] firstMark = new int[pairs.size()];
    int longest = 1;
    for (int i = 0; i < pairs.size(); i++) {
      int[] input = pairs.get(i).input(maxLength);
      inputs.add(input);
      firstMark[i] = input.length - pairs.get(i).continuation().length;
      longest = Math.max(longest, input.length);
    }
    PrefixTree tree = new PrefixTree(inputs, firstMark);
    KvCache cache =
        new KvCache(
            model.decoder().spec(),
            kernels,
            LocalModel.positions(model.decoder().spec(), longest, tree.stored()));
    Inference inference =
        new Inference(model.decoder(), model.parameters(), kernels, cache, SEQUENCES);
    int vocabulary = model.decoder().spec().vocabulary();
    int wanted = Math.clamp((64 << 20) / (4 * vocabulary), 1, rows);
    TreePass pass =
        new TreePass(inference, cache, rows, SEQUENCES, wanted, longest / KvCache.PAGE_SIZE + 32);
    pass.run(tree, new Sums(pairs, firstMark, wanted, tree, sink));
    return tree;
  }

  /** Adds up what comes out of the passes. */
  private final class Sums implements TreePass.Visitor {
    private final List<TokenPair> pairs;
    private final int[] firstMark;
    private final Sink sink;
    private final double[] sums;
    private final boolean[] greedy;
    private final int[] missing;
    private final MemorySegment targets;
    private final MemorySegment logProbs;
    private final long total;
    private long seen;

    Sums(List<TokenPair> pairs, int[] firstMark, int wanted, PrefixTree tree, Sink sink) {
      this.pairs = pairs;
      this.firstMark = firstMark;
      this.sink = sink;
      this.sums = new double[pairs.size()];
      this.greedy = new boolean[pairs.size()];
      java.util.Arrays.fill(greedy, true);
      this.missing = pairs.stream().mapToInt(p -> p.continuation().length).toArray();
      Arena arena = Arena.ofAuto();
      this.targets = kernels.allocate(arena, 4L * wanted);
      this.logProbs = kernels.allocate(arena, 4L * wanted);
      this.total = tree.stored();
    }

    @Override
    public void advanced(int tokens) {
      seen += tokens;
      progress.computed(seen, total);
    }

    @Override
    public void computed(List<Mark> marks, int[] rows, Tensor logits) {
      long n = logits.rows();
      Tensor wantedTargets = Tensor.of(targets, DType.I32, new Shape(1, n));
      Tensor wantedLogProbs = Tensor.of(logProbs, DType.F32, new Shape(1, n));
      int[] first = new int[Math.toIntExact(n)];
      for (int m = marks.size() - 1; m >= 0; m--) {
        first[rows[m]] = target(marks.get(m));
      }
      for (int row = 0; row < n; row++) {
        wantedTargets.setInt(0, row, first[row]);
      }
      kernels.logSoftmaxGather(logits, wantedTargets, wantedLogProbs);
      kernels.finish();
      for (int m = 0; m < marks.size(); m++) {
        add(marks.get(m), rows[m], first[rows[m]], logits, wantedLogProbs);
      }
    }

    private int target(Mark mark) {
      return pairs.get(mark.sequence()).continuation()[mark.place() - firstMark[mark.sequence()]];
    }

    private void add(Mark mark, int row, int first, Tensor logits, Tensor gathered) {
      int pair = mark.sequence();
      int target = target(mark);
      float logProb = gathered.get(0, row);
      if (target != first) {
        // The same row's other targets differ by their logits.
        logProb += logits.get(row, target) - logits.get(row, first);
      }
      sums[pair] += logProb;
      greedy[pair] = greedy[pair] && likeliest(logits, row, target);
      if (--missing[pair] == 0) {
        sink.scored(pair, sums[pair], greedy[pair]);
      }
    }

    /** Whether no token is likelier; of equals the first counts. */
    private boolean likeliest(Tensor logits, int row, int target) {
      MemorySegment segment = logits.segment();
      long base = 4 * row * logits.rowStride();
      float best = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, base + 4L * target);
      for (int i = 0; i < target; i++) {
        if (segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, base + 4L * i) >= best) {
          return false;
        }
      }
      int columns = Math.toIntExact(logits.columns());
      for (int i = target + 1; i < columns; i++) {
        if (segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, base + 4L * i) > best) {
          return false;
        }
      }
      return true;
    }
  }
}
