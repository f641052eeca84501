package dev.gamelan.eval.local;

import dev.gamelan.eval.local.PrefixTree.Mark;
import dev.gamelan.eval.local.PrefixTree.Node;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Computes a {@link PrefixTree} in passes of about equal numbers of rows, each row a token of some
 * node whose beginning is computed already. A node's sequence is forked for its children; depth
 * goes before breadth, so that few are open at a time.
 *
 * <p>Not safe for concurrent use.
 */
final class TreePass {
  /** Takes what was computed. */
  interface Visitor {
    /**
     * Logits that marks wish, a row each.
     *
     * @param logits [marks with different places, vocabulary]
     * @param rows of each mark its row of the logits
     */
    void computed(List<Mark> marks, int[] rows, Tensor logits);

    /** So many tokens more are computed. */
    void advanced(int tokens);
  }

  /** A node that waits or is under way. */
  private static final class Work {
    private final Node node;
    private final Shared before;
    private Sequence sequence;
    private int done;
    private int nextMark;

    Work(Node node, Shared before) {
      this.node = node;
      this.before = before;
    }

    int left() {
      return node.length() - done;
    }
  }

  /** A computed beginning and how many children still have to fork it. */
  private static final class Shared {
    private final Sequence sequence;
    private int children;

    Shared(Sequence sequence, int children) {
      this.sequence = sequence;
      this.children = children;
    }
  }

  private final Inference inference;
  private final KvCache cache;
  private final int maxRows;
  private final int maxSequences;
  private final int maxWanted;
  private final int reserve;
  private final Deque<Work> ready = new ArrayDeque<>();

  /**
   * @param maxRows tokens a pass
   * @param maxWanted rows of logits a pass
   * @param reserve pages of the cache that are kept for finishing what was begun
   */
  TreePass(
      Inference inference,
      KvCache cache,
      int maxRows,
      int maxSequences,
      int maxWanted,
      int reserve) {
    this.inference = inference;
    this.cache = cache;
    this.maxRows = maxRows;
    this.maxSequences = maxSequences;
    this.maxWanted = maxWanted;
    this.reserve = reserve;
  }

  /** Computes all of a tree. */
  void run(PrefixTree tree, Visitor visitor) {
    Iterator<Node> roots = tree.roots().iterator();
    try {
      while (roots.hasNext() || !ready.isEmpty()) {
        pass(roots, visitor);
      }
    } finally {
      ready.forEach(TreePass::release);
      ready.clear();
    }
  }

  private static void release(Work work) {
    if (work.sequence != null) {
      work.sequence.close();
    } else if (work.before != null && --work.before.children == 0) {
      work.before.sequence.close();
    }
  }

  private void pass(Iterator<Node> roots, Visitor visitor) {
    List<Inference.Feed> feeds = new ArrayList<>();
    List<Work> under = new ArrayList<>();
    List<Mark> marks = new ArrayList<>();
    List<Integer> markRows = new ArrayList<>();
    List<Integer> wanted = new ArrayList<>();
    int rows = 0;
    int pages = cache.fewestFree();
    try {
      while (rows < maxRows && feeds.size() < maxSequences && wanted.size() < maxWanted) {
        if (ready.isEmpty() && roots.hasNext()) {
          ready.push(new Work(roots.next(), null));
        }
        if (ready.isEmpty()) {
          break;
        }
        Work work = ready.peek();
        int take = Math.min(work.left(), maxRows - rows);
        // A page more than the tokens fill: that which forking copies.
        int need = take / KvCache.PAGE_SIZE + 2;
        // The first of a pass may use what is kept back: one path can always be finished.
        if (need > pages - reserve && !feeds.isEmpty()) {
          break;
        }
        pages -= need;
        ready.pop();
        under.add(work);
        begin(work);
        take = mark(work, take, rows, marks, markRows, wanted);
        feeds.add(
            new Inference.Feed(
                work.sequence,
                work.node.tokens(),
                work.node.from() + work.done,
                work.node.from() + work.done + take));
        rows += take;
        work.done += take;
      }
      compute(feeds, marks, markRows, wanted, rows, visitor);
    } catch (RuntimeException | Error e) {
      under.forEach(TreePass::release);
      throw e;
    }
    for (int i = under.size() - 1; i >= 0; i--) {
      finish(under.get(i));
    }
  }

  /** Gives the node a sequence that has all before it. */
  private void begin(Work work) {
    if (work.sequence != null) {
      return;
    }
    if (work.before == null) {
      work.sequence = new Sequence(cache);
    } else if (--work.before.children == 0) {
      // The last child goes on where its parent ended.
      work.sequence = work.before.sequence;
    } else {
      work.sequence = work.before.sequence.fork();
    }
  }

  /**
   * Notes whose logits are wanted among the next tokens of a node.
   *
   * @return how many tokens to take: fewer where their logits would be too many
   */
  private int mark(
      Work work,
      int take,
      int firstRow,
      List<Mark> marks,
      List<Integer> markRows,
      List<Integer> wanted) {
    List<Mark> all = work.node.marks();
    int last = -1;
    while (work.nextMark < all.size() && all.get(work.nextMark).at() < work.done + take) {
      Mark mark = all.get(work.nextMark);
      if (mark.at() != last) {
        if (wanted.size() == maxWanted) {
          return mark.at() - work.done;
        }
        wanted.add(firstRow + mark.at() - work.done);
        last = mark.at();
      }
      marks.add(mark);
      markRows.add(wanted.size() - 1);
      work.nextMark++;
    }
    return take;
  }

  private void compute(
      List<Inference.Feed> feeds,
      List<Mark> marks,
      List<Integer> markRows,
      List<Integer> wanted,
      int rows,
      Visitor visitor) {
    // A pass of which nobody wants logits still computes one row of them.
    int[] which =
        wanted.isEmpty()
            ? new int[] {rows - 1}
            : wanted.stream().mapToInt(Integer::intValue).toArray();
    Tensor logits = inference.run(feeds, which);
    visitor.advanced(rows);
    if (!marks.isEmpty()) {
      visitor.computed(marks, markRows.stream().mapToInt(Integer::intValue).toArray(), logits);
    }
  }

  private void finish(Work work) {
    if (work.left() > 0) {
      ready.push(work);
      return;
    }
    List<Node> children = work.node.children();
    if (children.isEmpty()) {
      work.sequence.close();
      return;
    }
    Shared shared = new Shared(work.sequence, children.size());
    for (int i = children.size() - 1; i >= 0; i--) {
      ready.push(new Work(children.get(i), shared));
    }
  }
}
