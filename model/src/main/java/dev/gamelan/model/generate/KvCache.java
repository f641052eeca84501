package dev.gamelan.model.generate;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of all layers in pages of fixed size with counted references (Kwon et al.,
 * 2023): a page belongs to one or several {@link Sequence}s, prefixes share pages, windows give
 * them back.
 */
public final class KvCache {
  /** Positions a page. */
  public static final int PAGE_SIZE = 32;

  private final List<KvPages> layers = new ArrayList<>();
  private final int[] references;
  private int lowestFree;

  /**
   * @param positions room for this many positions, all sequences together
   */
  public KvCache(DecoderSpec spec, Kernels kernels, long positions) {
    int pages = Math.toIntExact((positions + PAGE_SIZE - 1) / PAGE_SIZE);
    references = new int[pages];
    DecoderSpec.Attention a = spec.attention();
    Shape keys = new Shape(pages, a.kvHeads(), a.headDim(), PAGE_SIZE);
    Shape values = new Shape(pages, a.kvHeads(), PAGE_SIZE, a.headDim());
    Arena arena = Arena.ofAuto();
    for (int i = 0; i < spec.layers(); i++) {
      layers.add(
          new KvPages(
              Tensor.of(kernels.allocate(arena, 4 * keys.elements()), DType.F32, keys),
              Tensor.of(kernels.allocate(arena, 4 * values.elements()), DType.F32, values),
              PAGE_SIZE));
    }
  }

  /** The bytes that a cache of so many positions takes. */
  public static long bytes(DecoderSpec spec, long positions) {
    long pages = (positions + PAGE_SIZE - 1) / PAGE_SIZE;
    return pages * PAGE_SIZE * spec.layers() * 2L * spec.attention().kvWidth() * 4;
  }

  KvPages layer(int i) {
    return layers.get(i);
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
            .formatted(references.length, PAGE_SIZE));
  }

  /** Takes a free page and copies another into it, in every layer. */
  int copy(int page) {
    int copy = take();
    for (KvPages layer : layers) {
      copy(layer.keys(), page, copy);
      copy(layer.values(), page, copy);
    }
    return copy;
  }

  private static void copy(Tensor pages, int from, int to) {
    long bytes = pages.segment().byteSize() / pages.shape().extent(0);
    MemorySegment.copy(pages.segment(), from * bytes, pages.segment(), to * bytes, bytes);
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

  /** Pages that no sequence holds. */
  public int free() {
    int free = 0;
    for (int count : references) {
      free += count == 0 ? 1 : 0;
    }
    return free;
  }
}
