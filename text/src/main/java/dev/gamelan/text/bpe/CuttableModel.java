package dev.gamelan.text.bpe;

/**
 * A model that remembers words, and encodes long ones part by part where {@link Seams} allow it.
 * Immutable; what changes lies in a {@link Workspace}.
 */
abstract class CuttableModel implements WordModel {
  // Longer words hardly come again as they are; what they are made of does.
  private static final int LONG = 32;
  private static final int LONG_IDEOGRAPHIC = 9;

  /** The ids of a word that isn't known yet. */
  abstract void encodeWhole(byte[] text, int from, int to, Workspace work);

  /** The ids of a part of a word, at whose ends there are seams or the word's ends. */
  abstract void encodePart(byte[] text, int from, int to, Workspace work);

  /** Where words can be cut. */
  abstract Seams seams();

  private static boolean isLong(byte[] text, int from, int to) {
    int n = to - from;
    return n > LONG || n > LONG_IDEOGRAPHIC && isIdeographic(text, from);
  }

  // CJK and Hangul, perhaps behind a space.
  private static boolean isIdeographic(byte[] text, int from) {
    int b = text[from] == ' ' ? text[from + 1] : text[from];
    return b >= (byte) 0xE3 && b < 0;
  }

  @Override
  public final void encode(byte[] text, int from, int to, Workspace work) {
    if (seams().exist() && isLong(text, from, to)) {
      int seam = seams().next(text, from, to);
      if (seam < to) {
        encodeParts(text, from, seam, to, work);
        return;
      }
    }
    boolean cached = to - from <= WordCache.LONGEST;
    if (cached && work.cache.find(text, from, to, WordCache.WHOLE, work.ids)) {
      return;
    }
    int before = work.ids.size();
    encodeWhole(text, from, to, work);
    if (cached) {
      work.cache.keep(
          text, from, to, WordCache.WHOLE, work.ids.array(), before, work.ids.size() - before);
    }
  }

  private void encodeParts(byte[] text, int from, int firstSeam, int to, Workspace work) {
    Seams seams = seams();
    int start = from;
    int end = firstSeam;
    for (; ; ) {
      encodePartCached(text, start, end, work);
      if (end == to) {
        return;
      }
      start = end;
      end = seams.next(text, start, to);
    }
  }

  private void encodePartCached(byte[] text, int from, int to, Workspace work) {
    boolean cached = to - from <= WordCache.LONGEST;
    if (cached && work.cache.find(text, from, to, WordCache.PART, work.ids)) {
      return;
    }
    int before = work.ids.size();
    encodePart(text, from, to, work);
    if (cached) {
      work.cache.keep(
          text, from, to, WordCache.PART, work.ids.array(), before, work.ids.size() - before);
    }
  }
}
