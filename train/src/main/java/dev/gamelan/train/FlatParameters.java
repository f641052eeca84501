package dev.gamelan.train;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The f32 masters of all parameters, their gradients and both moments in four flat buffers of one
 * order: first all that decay, then the rest, each at a cache line. Clipping, AdamW and checkpoints
 * are single passes over memory.
 */
public final class FlatParameters {
  private static final int LINE = Tensor.ALIGNMENT / Float.BYTES;

  private final Tensor weights;
  private final Tensor gradients;
  private final Tensor m;
  private final Tensor v;
  private final long decaying;
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  /** All zero. */
  public FlatParameters(Decoder decoder, Kernels kernels) {
    this(decoder, kernels, name -> true);
  }

  /** All zero, of the parameters that learn, e.g. of an adapter's. */
  public FlatParameters(Decoder decoder, Kernels kernels, Predicate<String> learns) {
    List<ParameterSpec> all =
        decoder.parameters().stream().filter(p -> learns.test(p.name())).toList();
    List<ParameterSpec> order = new ArrayList<>();
    all.stream().filter(ParameterSpec::decays).forEach(order::add);
    int first = order.size();
    all.stream().filter(p -> !p.decays()).forEach(order::add);
    long at = 0;
    long border = 0;
    for (int i = 0; i < order.size(); i++) {
      ParameterSpec p = order.get(i);
      offsets.put(p.name(), at);
      shapes.put(p.name(), p.shape());
      at += (p.shape().elements() + LINE - 1) / LINE * LINE;
      if (i < first) {
        border = at;
      }
    }
    decaying = border;
    Arena arena = Arena.ofAuto();
    weights = flat(kernels, arena, at);
    gradients = flat(kernels, arena, at);
    m = flat(kernels, arena, at);
    v = flat(kernels, arena, at);
  }

  private static Tensor flat(Kernels kernels, Arena arena, long n) {
    return Tensor.of(kernels.allocate(arena, 4 * n), DType.F32, new Shape(n));
  }

  /** The bytes that training state of a decoder takes: weights, gradients, two moments. */
  public static long bytes(Decoder decoder) {
    return 16 * decoder.parameterCount();
  }

  /** [n], padding between parameters is 0 and stays 0. */
  public Tensor weights() {
    return weights;
  }

  public Tensor gradients() {
    return gradients;
  }

  /** The first moments. */
  public Tensor m() {
    return m;
  }

  /** The second moments. */
  public Tensor v() {
    return v;
  }

  /** Elements before this decay, the others don't. */
  long decaying() {
    return decaying;
  }

  /** The parameters by name, as views of the flat weights. */
  public Map<String, Tensor> weightsByName() {
    return views(weights);
  }

  public Map<String, Tensor> gradientsByName() {
    return views(gradients);
  }

  private Map<String, Tensor> views(Tensor flat) {
    Map<String, Tensor> views = new LinkedHashMap<>();
    offsets.forEach(
        (name, offset) -> {
          Shape shape = shapes.get(name);
          views.put(name, flat.columns(offset, offset + shape.elements()).reshape(shape.extents()));
        });
    return views;
  }

  /** Takes over weights of any storage dtype. */
  public void load(Kernels kernels, Map<String, Tensor> from) {
    weightsByName().forEach((name, to) -> kernels.copy(from.get(name), to));
    kernels.finish();
  }
}
