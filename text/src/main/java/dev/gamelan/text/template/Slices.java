package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.List;

/** Python's slices. */
final class Slices {
  private Slices() {}

  /** Bounds as given: {@code Value.None} where left out. */
  static Value slice(Run run, Value target, Value start, Value stop, Value step) {
    if (target instanceof Value.Undefined undefined) {
      throw new Fault(undefined.message());
    }
    Args.Bound bounds =
        new Args(List.of(start, stop, step), java.util.Map.of())
            .bind("slice", 0, "start", "stop", "step");
    int by = bounds.integer(2, 1);
    if (by == 0) {
      throw new Fault("slice step cannot be zero");
    }
    return switch (target) {
      case Value.Str s -> {
        String text = s.text();
        run.characters(text.length());
        int length = text.codePointCount(0, text.length());
        int[] range = range(bounds, by, length);
        yield new Value.Str(run.text(characters(text, length, range, by)).text(), s.markup());
      }
      case Value.Seq s when !s.kind().view() -> {
        int[] range = range(bounds, by, s.items().size());
        List<Value> out = new ArrayList<>(run.items(range[1]));
        for (int n = 0, i = range[0]; n < range[1]; n++, i += by) {
          out.add(s.items().get(i));
        }
        // A range's slice is shown as a list: nobody prints those.
        yield new Value.Seq(s.kind() == Value.Kind.RANGE ? Value.Kind.LIST : s.kind(), out, "");
      }
      case Value.Dict _ -> throw new Fault("unhashable type: 'slice'");
      default -> throw new Fault("'" + Value.type(target) + "' object is not subscriptable");
    };
  }

  /** The first index and the number of items. */
  private static int[] range(Args.Bound bounds, int by, int length) {
    int first = bounded(bounds.integer(0, by > 0 ? 0 : Integer.MAX_VALUE), by, length);
    int end =
        bounds.given(1).isEmpty() ? (by > 0 ? length : -1) : bounded(bounds.integer(1), by, length);
    long count =
        by > 0 ? ((long) end - first + by - 1) / by : ((long) first - end - by - 1) / -(long) by;
    return new int[] {first, (int) Math.max(0, end == first ? 0 : count)};
  }

  private static int bounded(int index, int by, int length) {
    long i = index < 0 ? (long) index + length : index;
    return by > 0 ? Math.clamp(i, 0, length) : Math.clamp(i, -1, length - 1);
  }

  private static String characters(String text, int length, int[] range, int by) {
    boolean plain = length == text.length();
    if (by == 1) {
      int start = plain ? range[0] : text.offsetByCodePoints(0, range[0]);
      int end = plain ? start + range[1] : text.offsetByCodePoints(start, range[1]);
      return text.substring(start, end);
    }
    int[] points = text.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    for (int n = 0, i = range[0]; n < range[1]; n++, i += by) {
      out.appendCodePoint(points[i]);
    }
    return out.toString();
  }
}
