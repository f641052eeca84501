package dev.gamelan.train.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads event files with nothing in common with the writer: CRC-32C bit by bit, protocol buffers by
 * hand.
 */
final class EventFile {
  record Event(double wallTime, long step, String version, String tag, Float scalar, String text) {}

  private EventFile() {}

  static List<Event> parse(byte[] bytes) {
    List<Event> events = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(in.position(), length);
      byte[] data = new byte[Math.toIntExact(in.getLong())];
      check(in.getInt(), length);
      in.get(data);
      check(in.getInt(), data);
      events.add(event(fields(data)));
    }
    return events;
  }

  private static Event event(Map<Integer, List<Object>> event) {
    double time = Double.longBitsToDouble((long) event.get(1).getFirst());
    long step = event.containsKey(2) ? (long) event.get(2).getFirst() : 0;
    if (event.containsKey(3)) {
      return new Event(time, step, string(event.get(3)), null, null, null);
    }
    Map<Integer, List<Object>> value =
        fields((byte[]) fields((byte[]) event.get(5).getFirst()).get(1).getFirst());
    String tag = string(value.get(1));
    if (value.containsKey(2)) {
      return new Event(
          time, step, null, tag, Float.intBitsToFloat((int) value.get(2).getFirst()), null);
    }
    Map<Integer, List<Object>> tensor = fields((byte[]) value.get(8).getFirst());
    Map<Integer, List<Object>> metadata = fields((byte[]) value.get(9).getFirst());
    String plugin = string(fields((byte[]) metadata.get(1).getFirst()).get(1));
    if (!plugin.equals("text") || !tensor.get(1).equals(List.of(7L))) {
      throw new AssertionError("no text: plugin " + plugin + ", type " + tensor.get(1));
    }
    return new Event(time, step, null, tag, null, string(tensor.get(8)));
  }

  private static String string(List<Object> values) {
    return new String((byte[]) values.getFirst(), StandardCharsets.UTF_8);
  }

  private static Map<Integer, List<Object>> fields(byte[] message) {
    Map<Integer, List<Object>> fields = new TreeMap<>();
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> in.getInt();
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      fields.computeIfAbsent((int) (key >>> 3), _ -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static void check(int masked, byte[] data) {
    int crc = -1;
    for (byte b : data) {
      crc ^= b & 0xFF;
      for (int i = 0; i < 8; i++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
      }
    }
    crc = ~crc;
    int expected = ((crc >>> 15) | (crc << 17)) + 0xA282EAD8;
    if (masked != expected) {
      throw new AssertionError("checksum %08x, expected %08x".formatted(masked, expected));
    }
  }
}
