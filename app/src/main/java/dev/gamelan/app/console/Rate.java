package dev.gamelan.app.console;

import java.util.ArrayDeque;

/**
 * How fast a count grows, over a window of the latest seconds, so that a pause for a checkpoint is
 * soon forgotten and a single slow step doesn't make the figure jump. Not for several threads.
 */
final class Rate {
  private record Mark(long nanos, long count) {}

  private final long window;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();

  Rate(long windowNanos, long startNanos, long startCount) {
    this.window = windowNanos;
    marks.add(new Mark(startNanos, startCount));
  }

  void reached(long nanos, long count) {
    Mark latest = marks.getLast();
    // Marks a hundredth of the window apart are fine enough, and bound the queue.
    if (marks.size() > 1 && nanos - latest.nanos < window / 100) {
      marks.removeLast();
    }
    marks.add(new Mark(nanos, count));
    while (marks.size() > 2 && nanos - marks.getFirst().nanos > window) {
      marks.removeFirst();
    }
  }

  /** Per second; NaN before the clock has moved. */
  double perSecond() {
    Mark first = marks.getFirst();
    Mark last = marks.getLast();
    long nanos = last.nanos - first.nanos;
    return nanos <= 0 ? Double.NaN : (last.count - first.count) * 1e9 / nanos;
  }
}
