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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys and values of all layers in pages of fixed size with counted references (Kwon et al.,
 * 2023): a page belongs to one or several {@link Sequence}s, prefixes share pages, windows give
 * them back. Layers with a window and layers that see all have pages of their own, so that each
 * kind holds only what it needs.
 */
public final class KvCache {
  /** Positions a page. */
  public static final int PAGE_SIZE = 32;

  private final List<KvPages> layers = new ArrayList<>();
  private final List<Integer> poolOfLayer = new ArrayList<>();
  private final List<PagePool> pools;

  /**
   * @param positions room for this many positions, all sequences together
   */
  public KvCache(DecoderSpec spec, Kernels kernels, long positions) {
    this(spec, kernels, positions, Integer.MAX_VALUE);
  }

  /**
   * A cache whose layers with a window have no more room than so many sequences need that are fed
   * {@link Inference#CHUNK} tokens a pass at most.
   *
   * @param positions room for this many positions, all sequences together
   * @param sequences how many there will be at once
   */
  public KvCache(DecoderSpec spec, Kernels kernels, long positions, int sequences) {
    Map<Integer, Integer> poolOfWindow = new LinkedHashMap<>();
    pools = new ArrayList<>();
    DecoderSpec.Attention a = spec.attention();
    Arena arena = Arena.ofAuto();
    for (int i = 0; i < spec.layers(); i++) {
      int window = a.window(i);
      int pool = poolOfWindow.computeIfAbsent(window, w -> poolOfWindow.size());
      if (pool == pools.size()) {
        pools.add(new PagePool(window, Math.toIntExact(pages(held(window, positions, sequences)))));
      }
      poolOfLayer.add(pool);
      long pages = pools.get(pool).pages();
      Shape keys = new Shape(pages, a.kvHeads(), a.headDim(), PAGE_SIZE);
      Shape values = new Shape(pages, a.kvHeads(), PAGE_SIZE, a.headDim());
      layers.add(
          new KvPages(
              Tensor.of(kernels.allocate(arena, 4 * keys.elements()), DType.F32, keys),
              Tensor.of(kernels.allocate(arena, 4 * values.elements()), DType.F32, values),
              PAGE_SIZE));
    }
  }

  /** The bytes that a cache of so many positions takes. */
  public static long bytes(DecoderSpec spec, long positions) {
    return bytes(spec, positions, Integer.MAX_VALUE);
  }

  /** The bytes of a cache whose windowed layers have room for so many sequences only. */
  public static long bytes(DecoderSpec spec, long positions, int sequences) {
    long bytes = 0;
    for (int i = 0; i < spec.layers(); i++) {
      long pages = pages(held(spec.attention().window(i), positions, sequences));
      bytes += pages * PAGE_SIZE * 2L * spec.attention().kvWidth() * 4;
    }
    return bytes;
  }

  private static long pages(long positions) {
    return (positions + PAGE_SIZE - 1) / PAGE_SIZE;
  }

  /** The positions that a layer holds at once: a window, a pass, and what fills their pages. */
  private static long held(int window, long positions, int sequences) {
    if (window == 0) {
      return positions;
    }
    long each = (long) window + Inference.CHUNK + 2L * PAGE_SIZE;
    return Math.min(positions, each > Long.MAX_VALUE / sequences ? positions : each * sequences);
  }

  KvPages layer(int i) {
    return layers.get(i);
  }

  /** Layers of one kind share the pages' numbers. */
  int poolOf(int layer) {
    return poolOfLayer.get(layer);
  }

  List<PagePool> pools() {
    return pools;
  }

  /** All pages, those of every kind of layer counted. */
  int pages() {
    return pools.stream().mapToInt(PagePool::pages).sum();
  }

  /** Takes a free page of a kind and copies another into it, in every layer of that kind. */
  int copy(int pool, int page) {
    int copy = pools.get(pool).take();
    for (int i = 0; i < layers.size(); i++) {
      if (poolOf(i) == pool) {
        copy(layers.get(i).keys(), page, copy);
        copy(layers.get(i).values(), page, copy);
      }
    }
    return copy;
  }

  private static void copy(Tensor pages, int from, int to) {
    long bytes = pages.segment().byteSize() / pages.shape().extent(0);
    MemorySegment.copy(pages.segment(), from * bytes, pages.segment(), to * bytes, bytes);
  }

  /** Pages that no sequence holds, those of every kind of layer counted. */
  public int free() {
    return pools.stream().mapToInt(PagePool::free).sum();
  }

  /** Pages that no sequence holds of the kind of layer that has the fewest left. */
  public int fewestFree() {
    return pools.stream().mapToInt(PagePool::free).min().orElse(0);
  }
}
