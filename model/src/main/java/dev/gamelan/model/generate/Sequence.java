package dev.gamelan.model.generate;

import java.util.Arrays;

/**
 * One sequence in a {@link KvCache}: how long it is and where its pages lie. Closing it gives its
 * pages back.
 */
public final class Sequence implements AutoCloseable {
  private static final int LEFT_BEHIND = -1;

  private final KvCache cache;
  private int[] pages = new int[8];
  private int pageCount;
  private int firstHeld;
  private int length;

  public Sequence(KvCache cache) {
    this.cache = cache;
    Arrays.fill(pages, LEFT_BEHIND);
  }

  /** Positions so far. */
  public int length() {
    return length;
  }

  /**
   * A sequence that begins as this one. Whole pages are shared; the last, where it isn't full, is
   * copied, since both go on writing in it.
   *
   * @throws IllegalStateException if a page must be copied and none is free
   */
  public Sequence fork() {
    int whole = length / KvCache.PAGE_SIZE;
    boolean partial = length % KvCache.PAGE_SIZE != 0;
    Sequence fork = new Sequence(cache);
    fork.pages = pages.clone();
    // Pages that were reserved beyond the length stay this sequence's own.
    Arrays.fill(fork.pages, whole, fork.pages.length, LEFT_BEHIND);
    if (partial) {
      fork.pages[whole] = cache.copy(pages[whole]);
    }
    fork.pageCount = partial ? whole + 1 : whole;
    fork.firstHeld = firstHeld;
    fork.length = length;
    for (int i = firstHeld; i < whole; i++) {
      cache.share(pages[i]);
    }
    return fork;
  }

  /** Takes pages for {@code count} more positions; the length stays. */
  void reserve(int count) {
    int wanted = (length + count + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    while (pageCount < wanted) {
      if (pageCount == pages.length) {
        pages = Arrays.copyOf(pages, 2 * pageCount);
      }
      pages[pageCount] = cache.take();
      pageCount++;
    }
  }

  /** Makes the sequence {@code count} positions longer. */
  void extend(int count) {
    reserve(count);
    length += count;
  }

  /** Gives back pages whose every position lies before {@code position}. */
  void forget(int position) {
    while ((firstHeld + 1) * KvCache.PAGE_SIZE <= position && firstHeld < pageCount) {
      cache.release(pages[firstHeld]);
      pages[firstHeld++] = LEFT_BEHIND;
    }
  }

  /**
   * Makes the sequence {@code position} positions long: what comes after them is forgotten, so that
   * other tokens can follow.
   *
   * @param position from 0 to the length
   * @throws IllegalArgumentException if it lies outside, or in a page that a window gave back
   * @throws IllegalStateException if the page that it cuts is shared with a fork
   */
  public void truncate(int position) {
    if (position < firstHeld * KvCache.PAGE_SIZE || position > length) {
      throw new IllegalArgumentException(
          "kv cache: a sequence cannot be cut at %d; it holds positions from %d to %d"
              .formatted(position, firstHeld * KvCache.PAGE_SIZE, length));
    }
    int kept = (position + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    boolean cuts = position < length && position % KvCache.PAGE_SIZE != 0;
    if (cuts && cache.isShared(pages[kept - 1])) {
      throw new IllegalStateException(
          "kv cache: position %d lies in a page that another sequence shares".formatted(position));
    }
    while (pageCount > kept) {
      cache.release(pages[--pageCount]);
      pages[pageCount] = LEFT_BEHIND;
    }
    length = position;
  }

  /** Pages that this sequence holds now. */
  public int held() {
    return pageCount - firstHeld;
  }

  int page(int i) {
    return i < pageCount ? pages[i] : LEFT_BEHIND;
  }

  @Override
  public void close() {
    for (int i = firstHeld; i < pageCount; i++) {
      cache.release(pages[i]);
    }
    firstHeld = 0;
    pageCount = 0;
    length = 0;
  }
}
