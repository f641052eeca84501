package dev.gamelan.model.vision;

import java.nio.ByteBuffer;

/**
 * What stands around the pixels of a JPEG file (ITU-T T.81): read and checked before anything is
 * decoded.
 *
 * @param luma whether three components are luma and colour differences rather than red, green, blue
 * @param orientation Exif's, 1 = none
 */
record JpegFile(int width, int height, int components, boolean luma, int orientation) {
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP1 = 0xE1;
  private static final int APP14 = 0xEE;
  private static final String EXIF = "Exif\0\0";

  static boolean is(byte[] file) {
    return file.length >= 3
        && (file[0] & 0xFF) == 0xFF
        && (file[1] & 0xFF) == SOI
        && (file[2] & 0xFF) == 0xFF;
  }

  /** Collects what the segments say. */
  private static final class Found {
    private int width;
    private int height;
    private int components;
    private int ids;
    private boolean jfif;
    private int transform = -1;
    private int orientation = 1;

    /** libjpeg's rule: JFIF is luma; Adobe's marker says; else the names of the components. */
    boolean luma() {
      if (jfif) {
        return true;
      }
      if (transform >= 0) {
        return transform != 0;
      }
      return ids != ('R' << 16 | 'G' << 8 | 'B');
    }
  }

  /**
   * Walks through all segments.
   *
   * @throws IllegalArgumentException if the file is cut off, of a kind that isn't read, or too
   *     large
   */
  static JpegFile read(String name, byte[] file) {
    Found found = new Found();
    int at = 2;
    boolean scanned = false;
    while (true) {
      while (at + 1 < file.length && (file[at] & 0xFF) == 0xFF && (file[at + 1] & 0xFF) == 0xFF) {
        at++;
      }
      if (file.length - at < 2) {
        throw damaged(name, "it is cut off at byte %d, before its end marker".formatted(at));
      }
      if ((file[at] & 0xFF) != 0xFF) {
        throw damaged(name, "a marker is expected at byte %d".formatted(at));
      }
      int marker = file[at + 1] & 0xFF;
      if (marker == EOI) {
        break;
      }
      if (marker >= 0xD0 && marker <= 0xD7 || marker == 0x01) {
        at += 2;
        continue;
      }
      int length = file.length - at < 4 ? -1 : ByteBuffer.wrap(file).getShort(at + 2) & 0xFFFF;
      if (length < 2 || length > file.length - at - 2) {
        throw damaged(name, "the segment at byte %d is cut off".formatted(at));
      }
      segment(name, marker, ByteBuffer.wrap(file).slice(at + 4, length - 2), found);
      at += 2 + length;
      if (marker == SOS) {
        scanned = true;
        at = afterScan(file, at);
      }
    }
    if (found.components == 0 || !scanned) {
      throw damaged(name, "it has no image");
    }
    return new JpegFile(
        found.width, found.height, found.components, found.luma(), found.orientation);
  }

  /** The next marker that isn't part of the compressed data. */
  private static int afterScan(byte[] file, int from) {
    int at = from;
    while (at < file.length) {
      if ((file[at] & 0xFF) == 0xFF && at + 1 < file.length) {
        int next = file[at + 1] & 0xFF;
        if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
          return at;
        }
      }
      at++;
    }
    return at;
  }

  private static void segment(String name, int marker, ByteBuffer data, Found found) {
    boolean frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      frame(name, marker, data, found);
    } else if (marker == APP0 && starts(data, "JFIF\0")) {
      found.jfif = true;
    } else if (marker == APP14 && starts(data, "Adobe") && data.limit() >= 12) {
      found.transform = data.get(11) & 0xFF;
    } else if (marker == APP1 && starts(data, EXIF)) {
      found.orientation = Exif.orientation(data.slice(EXIF.length(), data.limit() - EXIF.length()));
    }
  }

  private static void frame(String name, int marker, ByteBuffer data, Found found) {
    if (data.limit() < 6 || data.limit() < 6 + 3 * (data.get(5) & 0xFF)) {
      throw damaged(name, "its frame header is cut off");
    }
    if (found.components != 0) {
      throw damaged(name, "it has two frame headers");
    }
    int bits = data.get(0) & 0xFF;
    if (marker > 0xC2 || bits != 8) {
      throw new IllegalArgumentException(
          "image %s: a JPEG file of kind SOF%d with %d bits; only baseline and progressive ones with Huffman codes of 8 bits are read; convert it"
              .formatted(name, marker - 0xC0, bits));
    }
    found.height = data.getShort(1) & 0xFFFF;
    found.width = data.getShort(3) & 0xFFFF;
    found.components = data.get(5) & 0xFF;
    RgbImage.check("image " + name, found.width, found.height);
    if (found.components == 4) {
      throw new IllegalArgumentException(
          "image %s: a JPEG file in CMYK, made for printing; convert it to RGB".formatted(name));
    }
    if (found.components != 1 && found.components != 3) {
      throw new IllegalArgumentException(
          "image %s: a JPEG file of %d components; 1 (gray) or 3 (colour) are read"
              .formatted(name, found.components));
    }
    for (int c = 0; c < found.components; c++) {
      found.ids = found.ids << 8 | data.get(6 + 3 * c) & 0xFF;
    }
  }

  private static boolean starts(ByteBuffer data, String text) {
    if (data.limit() < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (data.get(i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException damaged(String name, String why) {
    return new IllegalArgumentException(
        "image %s: a damaged JPEG file: %s; get it again".formatted(name, why));
  }
}
