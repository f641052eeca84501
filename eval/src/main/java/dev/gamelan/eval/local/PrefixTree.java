package dev.gamelan.eval.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Token sequences as a tree in which what they share at their beginning stands once. Each node is a
 * run of tokens; its marks say which of its positions somebody wants the logits of.
 */
final class PrefixTree {
  /**
   * A wish for the logits after a token.
   *
   * @param at the token's place in the node
   * @param sequence which of the sequences wishes it
   * @param place the token's place in the whole sequence
   */
  record Mark(int at, int sequence, int place) {}

  /** A run of tokens that sequences share: {@code tokens[from, to)}. */
  static final class Node {
    private final int[] tokens;
    private int from;
    private int to;
    private final List<Node> children = new ArrayList<>();
    private List<Mark> marks = new ArrayList<>();

    private Node(int[] tokens, int from, int to) {
      this.tokens = tokens;
      this.from = from;
      this.to = to;
    }

    int[] tokens() {
      return tokens;
    }

    int from() {
      return from;
    }

    int to() {
      return to;
    }

    int length() {
      return to - from;
    }

    /** In the order of their first tokens. */
    List<Node> children() {
      return children;
    }

    /** In the order of their places. */
    List<Mark> marks() {
      return marks;
    }

    /** Cuts the node: what stands from {@code at} on becomes its only child. */
    private void cut(int at) {
      Node rest = new Node(tokens, at, to);
      rest.children.addAll(children);
      List<Mark> before = new ArrayList<>();
      for (Mark mark : marks) {
        if (mark.at() < at - from) {
          before.add(mark);
        } else {
          rest.marks.add(new Mark(mark.at() - (at - from), mark.sequence(), mark.place()));
        }
      }
      marks = before;
      children.clear();
      children.add(rest);
      to = at;
    }
  }

  private final Node root = new Node(new int[0], 0, 0);
  private long given;
  private long stored;

  /**
   * @param sequences token ids, none empty
   * @param firstMark of each sequence the first place whose logits are wanted; all later ones are
   */
  PrefixTree(List<int[]> sequences, int[] firstMark) {
    // In lexicographic order, a sequence shares most with the one before it: its path is the last.
    List<Integer> order =
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(Comparator.comparing(sequences::get, Arrays::compare))
            .toList();
    for (int s : order) {
      add(sequences.get(s), s, firstMark[s]);
    }
    sort(root);
  }

  private void add(int[] sequence, int s, int firstMark) {
    given += sequence.length;
    Node node = root;
    int place = 0;
    while (place < sequence.length) {
      Node last = node.children.isEmpty() ? null : node.children.getLast();
      if (last == null || last.tokens[last.from] != sequence[place]) {
        Node leaf = new Node(sequence, place, sequence.length);
        stored += leaf.length();
        node.children.add(leaf);
        mark(leaf, place, s, firstMark);
        return;
      }
      int shared =
          Arrays.mismatch(last.tokens, last.from, last.to, sequence, place, sequence.length);
      if (shared >= 0 && shared < last.length()) {
        last.cut(last.from + shared);
      }
      mark(last, place, s, firstMark);
      place += last.length();
      node = last;
    }
  }

  private static void mark(Node node, int place, int s, int firstMark) {
    for (int i = Math.max(0, firstMark - place); i < node.length(); i++) {
      node.marks.add(new Mark(i, s, place + i));
    }
  }

  private static void sort(Node root) {
    List<Node> open = new ArrayList<>(List.of(root));
    while (!open.isEmpty()) {
      Node node = open.removeLast();
      node.marks.sort(Comparator.comparingInt(Mark::at));
      open.addAll(node.children);
    }
  }

  /** The nodes that no other precedes. */
  List<Node> roots() {
    return root.children;
  }

  /** Tokens of all sequences together. */
  long given() {
    return given;
  }

  /** Tokens that have to be computed. */
  long stored() {
    return stored;
  }
}
