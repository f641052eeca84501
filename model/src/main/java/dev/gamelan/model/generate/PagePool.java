package dev.gamelan.model.generate;

/** Which pages of the layers of one kind are in use, and by how many sequences. */
final class PagePool {
  private final int window;
  private final int[] references;
  private int lowestFree;

  /**
   * @param window what a query of these layers sees; 0 = all
   */
  PagePool(int window, int pages) {
    this.window = window;
    this.references = new int[pages];
  }

  int window() {
    return window;
  }

  int pages() {
    return references.length;
  }

  /** Takes a free page. */
  int take() {
    for (int page = lowestFree; page < references.length; page++) {
      if (references[page] == 0) {
        references[page] = 1;
        lowestFree = page + 1;
        return page;
      }
    }
    throw new IllegalStateException(
        "kv cache: all %d pages of %d positions are in use; end a sequence or make the cache larger"
            .formatted(references.length, KvCache.PAGE_SIZE));
  }

  void share(int page) {
    references[page]++;
  }

  boolean isShared(int page) {
    return references[page] > 1;
  }

  void release(int page) {
    if (--references[page] == 0) {
      lowestFree = Math.min(lowestFree, page);
    }
  }

  int free() {
    int free = 0;
    for (int count : references) {
      free += count == 0 ? 1 : 0;
    }
    return free;
  }
}
