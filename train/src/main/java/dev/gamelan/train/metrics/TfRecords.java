package dev.gamelan.train.metrics;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * TensorFlow's record framing: length (u64), its masked CRC-32C (u32), the bytes, their masked
 * CRC-32C (u32), all little-endian ({@code tensorflow/core/lib/io/record_writer.h}).
 */
final class TfRecords {
  private static final int HEADER = 12;
  private static final int FOOTER = 4;
  private static final int MASK_DELTA = 0xA282EAD8;

  /** An event is a few hundred bytes, a text perhaps a few thousand. */
  private static final long LONGEST = 1 << 28;

  private TfRecords() {}

  /** One record around {@code data}. */
  static byte[] frame(byte[] data) {
    ByteBuffer out =
        ByteBuffer.allocate(HEADER + data.length + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(data.length);
    out.putInt(maskedCrc(out.array(), 0, 8));
    out.put(data);
    out.putInt(maskedCrc(data, 0, data.length));
    return out.array();
  }

  /** CRC-32C, rotated and shifted, so that a checksum of data with checksums in it stays strong. */
  static int maskedCrc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  /**
   * How many bytes of an event file hold whole events up to {@code lastStep}.
   *
   * @throws MetricsException if a record before the last one is damaged
   */
  static long kept(Path file, long lastStep) throws IOException {
    long size = Files.size(file);
    long at = 0;
    try (InputStream buffered = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        DataInputStream in = new DataInputStream(buffered)) {
      while (size - at >= HEADER) {
        byte[] header = in.readNBytes(HEADER);
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        long length = fields.getLong();
        boolean sound = fields.getInt() == maskedCrc(header, 0, 8);
        if (!sound || length < 0 || length > LONGEST) {
          throw damaged(file, at);
        }
        if (length > size - at - HEADER - FOOTER) {
          return at; // torn: the process was killed in the middle of it
        }
        byte[] data = in.readNBytes((int) length);
        int crc = Integer.reverseBytes(in.readInt());
        if (crc != maskedCrc(data, 0, data.length)) {
          throw damaged(file, at);
        }
        // The version record carries step 0, but belongs to the file and not to a step.
        if (at > 0 && step(data) > lastStep) {
          return at;
        }
        at += HEADER + length + FOOTER;
      }
    }
    return at;
  }

  private static long step(byte[] event) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(event);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == 2) {
        return in.readInt64();
      }
      in.skipField(tag);
    }
    return 0; // a field at its default isn't written
  }

  private static MetricsException damaged(Path file, long at) {
    return new MetricsException(
        "TensorBoard: %s, the record at byte %d is damaged; restore the file, or move it away to begin a new one"
            .formatted(file, at));
  }
}
