package dev.gamelan.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** JSON as String, Number, Boolean, List and Map; nulls are left out. */
final class JsonValues {
  private JsonValues() {}

  /** The object whose start the parser has just read. */
  static Map<String, Object> object(JsonParser in, Function<String, DataException> duplicate) {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      Optional<Object> value = value(in, duplicate);
      if (value.isPresent() && fields.put(name, value.get()) != null) {
        throw duplicate.apply(name);
      }
    }
    return Collections.unmodifiableMap(fields);
  }

  private static Optional<Object> value(JsonParser in, Function<String, DataException> duplicate) {
    return switch (in.currentToken()) {
      case VALUE_STRING -> Optional.of(in.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Optional.of(in.getNumberValue());
      case VALUE_TRUE -> Optional.of(true);
      case VALUE_FALSE -> Optional.of(false);
      case START_OBJECT -> Optional.of(object(in, duplicate));
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          value(in, duplicate).ifPresent(list::add);
        }
        yield Optional.of(Collections.unmodifiableList(list));
      }
      case VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE, PROPERTY_NAME, END_ARRAY, END_OBJECT ->
          Optional.empty();
    };
  }
}
