package dev.gamelan.app.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Fewer points that draw the same line: of the points in one column of pixels the first, the
 * lowest, the highest and the last (M4, Jugel et al. 2014, PVLDB 7(10)).
 */
final class Thinning {
  private Thinning() {}

  /** A point in pixels with the values it shows; NaN pixels interrupt the line. */
  record Point(double left, double top, double x, double y) {
    boolean isGap() {
      return Double.isNaN(left) || Double.isNaN(top);
    }
  }

  /** The points to draw, in order. */
  static List<Point> thin(List<Point> points, double columnWidth) {
    List<Point> kept = new ArrayList<>();
    int i = 0;
    while (i < points.size()) {
      Point first = points.get(i);
      if (first.isGap()) {
        kept.add(first);
        i++;
        continue;
      }
      long column = (long) Math.floor(first.left() / columnWidth);
      int lowest = i;
      int highest = i;
      int end = i;
      while (end < points.size()
          && !points.get(end).isGap()
          && (long) Math.floor(points.get(end).left() / columnWidth) == column) {
        if (points.get(end).top() < points.get(lowest).top()) {
          lowest = end;
        }
        if (points.get(end).top() > points.get(highest).top()) {
          highest = end;
        }
        end++;
      }
      int last = end - 1;
      int before = -1;
      for (int next : new int[] {i, Math.min(lowest, highest), Math.max(lowest, highest), last}) {
        if (next != before) {
          kept.add(points.get(next));
          before = next;
        }
      }
      i = end;
    }
    return kept;
  }
}
