package dev.gamelan.model.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One sequence in a {@link KvCache}: how long it is and where its pages lie. Closing it gives its
 * pages back.
 */
public final class Sequence implements AutoCloseable {
  private static final int LEFT_BEHIND = -1;

  /** The pages of the layers of one kind. */
  private static final class Held {
    private final PagePool pool;
    private int[] pages = new int[8];
    private int count;
    private int first;

    Held(PagePool pool) {
      this.pool = pool;
      Arrays.fill(pages, LEFT_BEHIND);
    }

    void reserve(int wanted) {
      while (count < wanted) {
        add(pool.take());
      }
    }

    void add(int page) {
      if (count == pages.length) {
        pages = Arrays.copyOf(pages, 2 * count);
      }
      pages[count++] = page;
    }

    /** Begins with the first pages of another, of which both are then owners. */
    void share(Held other, int whole) {
      pages = Arrays.copyOf(other.pages, Math.max(whole, 8));
      count = whole;
      first = other.first;
      for (int i = first; i < count; i++) {
        pool.share(pages[i]);
      }
    }

    void forget(int position) {
      while ((first + 1) * KvCache.PAGE_SIZE <= position && first < count) {
        pool.release(pages[first]);
        pages[first++] = LEFT_BEHIND;
      }
    }

    /** The position before which nothing is held. */
    int begin() {
      return first * KvCache.PAGE_SIZE;
    }

    /** The first position from which a next token would still see all that it should. */
    int earliestEnd() {
      return first == 0 ? 0 : begin() + pool.window() - 1;
    }

    boolean sharesPageOf(int position) {
      return pool.isShared(pages[position / KvCache.PAGE_SIZE]);
    }

    void keep(int wanted) {
      while (count > wanted) {
        pool.release(pages[--count]);
        pages[count] = LEFT_BEHIND;
      }
    }

    void release() {
      for (int i = first; i < count; i++) {
        pool.release(pages[i]);
      }
      first = 0;
      count = 0;
    }
  }

  private final KvCache cache;
  private final List<Held> kinds = new ArrayList<>();
  private int length;
  private int rotationLength;

  public Sequence(KvCache cache) {
    this.cache = cache;
    cache.pools().forEach(pool -> kinds.add(new Held(pool)));
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
    fork.length = length;
    fork.rotationLength = rotationLength;
    try {
      for (int pool = 0; pool < kinds.size(); pool++) {
        Held held = kinds.get(pool);
        // Pages that were reserved beyond the length stay this sequence's own.
        fork.kinds.get(pool).share(held, whole);
        if (partial) {
          fork.kinds.get(pool).add(cache.copy(pool, held.pages[whole]));
        }
      }
    } catch (IllegalStateException noneFree) {
      fork.close();
      throw noneFree;
    }
    return fork;
  }

  /** Takes pages for {@code count} more positions; the length stays. */
  void reserve(int count) {
    int wanted = (length + count + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    for (Held kind : kinds) {
      kind.reserve(wanted);
    }
  }

  /** Makes the sequence {@code count} positions longer. */
  void extend(int count) {
    reserve(count);
    length += count;
  }

  /** Gives back the pages that no later query of their layers sees. */
  void forgetWhatWindowsLeft() {
    for (Held kind : kinds) {
      if (kind.pool.window() > 0) {
        kind.forget(length - kind.pool.window() + 1);
      }
    }
  }

  /**
   * Makes the sequence {@code position} positions long: what comes after them is forgotten, so that
   * other tokens can follow. Where the rotation follows the length, that of the longest so far
   * holds on.
   *
   * @param position from 0 to the length
   * @throws IllegalArgumentException if it lies outside, or a window gave back what the next token
   *     would see
   * @throws IllegalStateException if the page that it cuts is shared with a fork
   */
  public void truncate(int position) {
    int begin = 0;
    int earliest = 0;
    for (Held kind : kinds) {
      begin = Math.max(begin, kind.begin());
      earliest = Math.max(earliest, kind.earliestEnd());
    }
    if (position < earliest || position > length) {
      throw new IllegalArgumentException(
          "kv cache: a sequence cannot be cut at %d; it holds positions from %d to %d, and with its window the next token must come at %d at the earliest"
              .formatted(position, begin, length, earliest));
    }
    boolean cuts = position < length && position % KvCache.PAGE_SIZE != 0;
    if (cuts && kinds.stream().anyMatch(kind -> kind.sharesPageOf(position))) {
      throw new IllegalStateException(
          "kv cache: position %d lies in a page that another sequence shares".formatted(position));
    }
    int kept = (position + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    kinds.forEach(kind -> kind.keep(kept));
    length = position;
    rotationLength = position == 0 ? 0 : rotationLength;
  }

  /** The length that set the rotation of its last rows; 0 = there are none yet. */
  int rotationLength() {
    return rotationLength;
  }

  void rotatedBy(int lengthOfRows) {
    rotationLength = lengthOfRows;
  }

  /** Pages that this sequence holds now, those of every kind of layer counted. */
  public int held() {
    return kinds.stream().mapToInt(kind -> kind.count - kind.first).sum();
  }

  /** Pages that it holds now for a layer. */
  public int held(int layer) {
    Held kind = kinds.get(cache.poolOf(layer));
    return kind.count - kind.first;
  }

  int page(int pool, int i) {
    Held kind = kinds.get(pool);
    return i < kind.count ? kind.pages[i] : LEFT_BEHIND;
  }

  @Override
  public void close() {
    kinds.forEach(Held::release);
    length = 0;
    rotationLength = 0;
  }
}
