package dev.gamelan.model.vision;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What stands around the pixels of a PNG file (W3C, PNG third edition): read and checked before
 * anything is decoded.
 *
 * @param orientation Exif's, 1 = none
 */
record PngFile(int width, int height, int orientation) {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int EXIF = 0x65584966;

  static boolean is(byte[] file) {
    return file.length >= 8 && ByteBuffer.wrap(file).getLong(0) == SIGNATURE;
  }

  /**
   * Walks through all chunks.
   *
   * @throws IllegalArgumentException if the file is cut off or a checksum is wrong, or the image is
   *     too large
   */
  static PngFile read(String name, byte[] file) {
    ByteBuffer b = ByteBuffer.wrap(file);
    int width = 0;
    int height = 0;
    int orientation = 1;
    boolean data = false;
    for (int at = 8; ; ) {
      if (file.length - at < 12) {
        throw damaged(
            name, "it is cut off at byte %d, before its end chunk".formatted(file.length));
      }
      int length = b.getInt(at);
      int type = b.getInt(at + 4);
      if (length < 0 || length > file.length - at - 12) {
        throw damaged(
            name,
            "the chunk at byte %d has %d bytes, the file only %d more"
                .formatted(at, length & 0xFFFFFFFFL, file.length - at - 12));
      }
      CRC32 crc = new CRC32();
      crc.update(file, at + 4, length + 4);
      if ((int) crc.getValue() != b.getInt(at + 8 + length)) {
        throw damaged(name, "the checksum of the chunk at byte %d is wrong".formatted(at));
      }
      if ((at == 8) != (type == IHDR) || (type == IHDR && length != 13)) {
        throw damaged(name, "it doesn't begin with one header of 13 bytes");
      }
      switch (type) {
        case IHDR -> {
          width = b.getInt(at + 8);
          height = b.getInt(at + 12);
          RgbImage.check("image " + name, width, height);
        }
        case IDAT -> data = true;
        case EXIF -> orientation = Exif.orientation(b.slice(at + 8, length));
        case IEND -> {
          if (!data) {
            throw damaged(name, "it has no image data");
          }
          return new PngFile(width, height, orientation);
        }
        default -> {}
      }
      at += 12 + length;
    }
  }

  private static IllegalArgumentException damaged(String name, String why) {
    return new IllegalArgumentException(
        "image %s: a damaged PNG file: %s; get it again".formatted(name, why));
  }
}
