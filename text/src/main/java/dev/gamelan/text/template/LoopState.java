package dev.gamelan.text.template;

import java.util.List;
import java.util.Optional;

/** A running {@code for}, seen from within as {@code loop}. */
final class LoopState {
  private final Run run;
  private final List<Value> items;
  private final int depth;
  private final Optional<Value.Body> again;
  private int index;
  private Optional<Value> changing = Optional.empty();

  /**
   * Before the first item.
   *
   * @param depth how many recursive loops are around it
   * @param again what {@code loop(…)} does, where the loop is recursive
   */
  LoopState(Run run, List<Value> items, int depth, Optional<Value.Body> again) {
    this.run = run;
    this.items = items;
    this.depth = depth;
    this.again = again;
  }

  void at(int newIndex) {
    index = newIndex;
  }

  int length() {
    return items.size();
  }

  String shown() {
    return "<LoopContext " + (index + 1) + "/" + items.size() + ">";
  }

  Value again(Args args) {
    return again
        .orElseThrow(
            () -> new Fault("The loop must have the 'recursive' marker to be called recursively."))
        .call(args);
  }

  Optional<Value> attribute(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "index" -> Value.of(index + 1);
          case "index0" -> Value.of(index);
          case "revindex" -> Value.of(items.size() - index);
          case "revindex0" -> Value.of(items.size() - index - 1);
          case "first" -> Value.of(index == 0);
          case "last" -> Value.of(index == items.size() - 1);
          case "length" -> Value.of(items.size());
          case "depth" -> Value.of(depth + 1);
          case "depth0" -> Value.of(depth);
          case "previtem" ->
              index > 0 ? items.get(index - 1) : new Value.Undefined("there is no previous item");
          case "nextitem" ->
              index < items.size() - 1
                  ? items.get(index + 1)
                  : new Value.Undefined("there is no next item");
          case "cycle" -> new Value.Callable(name, this::cycle);
          case "changed" -> new Value.Callable(name, this::changed);
          default -> null;
        });
  }

  private Value cycle(Args args) {
    if (args.positional().isEmpty()) {
      throw new Fault("no items for cycling given");
    }
    return args.positional().get(index % args.positional().size());
  }

  private Value changed(Args args) {
    Value now = Value.tuple(args.positional());
    boolean changed = changing.isEmpty() || !new Order(run).same(changing.get(), now);
    changing = Optional.of(now);
    return Value.of(changed);
  }
}
