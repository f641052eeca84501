package dev.gamelan.model.vision;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Finds the orientation in Exif data, which is a TIFF file without an image. */
final class Exif {
  private static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Exif() {}

  /**
   * The orientation.
   *
   * @param tiff from the byte order on
   * @return 1 where none stands there or the data are damaged: an image is readable without
   */
  static int orientation(ByteBuffer tiff) {
    try {
      ByteBuffer b = tiff.slice();
      int order = b.getShort(0);
      if (order != 0x4949 && order != 0x4D4D) {
        return 1;
      }
      b.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      int directory = b.getInt(4);
      int entries = b.getShort(directory) & 0xFFFF;
      for (int i = 0; i < entries; i++) {
        int at = directory + 2 + 12 * i;
        if ((b.getShort(at) & 0xFFFF) == ORIENTATION) {
          return switch (b.getShort(at + 2)) {
            case SHORT -> b.getShort(at + 8);
            case LONG -> b.getInt(at + 8);
            default -> 1;
          };
        }
      }
      return 1;
    } catch (IndexOutOfBoundsException | BufferUnderflowException damaged) {
      return 1;
    }
  }
}
