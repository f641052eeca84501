package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.List;

/** Going through values, and their lengths. */
final class Iteration {
  private final Run run;

  Iteration(Run run) {
    this.run = run;
  }

  static boolean iterable(Value value) {
    return switch (value) {
      case Value.Str _, Value.Seq _, Value.Dict _, Value.Generator _ -> true;
      case Value.Undefined _, Value.Loop _ -> true;
      case Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> false;
      case Value.Namespace _, Value.Callable _ -> false;
    };
  }

  /** All items, as Python's iteration gives them; a generator is empty afterwards. */
  List<Value> items(Value value) {
    return switch (value) {
      case Value.Undefined _ -> {
        run.use(value);
        yield List.of();
      }
      case Value.Seq s -> s.items();
      case Value.Generator g -> g.drain();
      case Value.Dict d -> {
        List<Value> keys = new ArrayList<>(run.items(d.entries().size()));
        for (Value.Entry entry : d.entries().values()) {
          keys.add(entry.key());
        }
        yield keys;
      }
      case Value.Str s -> {
        List<Value> characters =
            new ArrayList<>(run.items(s.text().codePointCount(0, s.text().length())));
        s.text().codePoints().forEach(c -> characters.add(Value.of(Character.toString(c))));
        yield characters;
      }
      case Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> throw not(value);
      case Value.Namespace _, Value.Callable _, Value.Loop _ -> throw not(value);
    };
  }

  private static Fault not(Value value) {
    return new Fault("'" + Value.type(value) + "' object is not iterable");
  }

  int length(Value value) {
    return switch (value) {
      case Value.Undefined _ -> {
        run.use(value);
        yield 0;
      }
      case Value.Str s -> {
        run.characters(s.text().length());
        yield s.text().codePointCount(0, s.text().length());
      }
      case Value.Seq s -> s.items().size();
      case Value.Dict d -> d.entries().size();
      case Value.Loop l -> l.state().length();
      case Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> throw noLength(value);
      case Value.Generator _, Value.Namespace _, Value.Callable _ -> throw noLength(value);
    };
  }

  private static Fault noLength(Value value) {
    return new Fault("object of type '" + Value.type(value) + "' has no len()");
  }
}
