package dev.gamelan.app.bench;

import dev.gamelan.kernels.vector.MachinePeak;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.Footprint;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import java.util.function.Function;

/**
 * The most tokens a second that this machine's measured memory and arithmetic allow (Williams et
 * al., 2009): every weight comes from memory once a pass, every key and value once a sequence,
 * every multiply-add of the products is done at the peak of f32.
 *
 * @param peak of the machine
 * @param weightBytes bytes of the matrices that a pass reads whole
 * @param layerFlops operations of a token in the layers
 * @param headFlops operations of one position's logits
 * @param cacheBytes bytes of keys and values of a position
 */
public record Roofline(
    MachinePeak peak, long weightBytes, double layerFlops, double headFlops, long cacheBytes) {

  /**
   * @param tensor a parameter as it lies in memory
   */
  public static Roofline of(Decoder decoder, Function<String, Tensor> tensor, MachinePeak peak) {
    DecoderSpec spec = decoder.spec();
    long bytes = 0;
    for (ParameterSpec parameter : decoder.parameters()) {
      boolean picked =
          parameter.role() == ParameterSpec.Role.EMBEDDING
              && !(spec.tied() && parameter.name().equals("embedding.weight"));
      if (!picked) {
        Tensor t = tensor.apply(parameter.name());
        bytes += t.dtype().bytes(t.elements());
      }
    }
    double head = 2.0 * spec.vocabulary() * spec.width();
    double flops = Footprint.of(decoder, 1, 1).forwardFlops();
    long cache = 2L * spec.layers() * spec.attention().kvWidth() * DType.F32.bytesPerBlock();
    return new Roofline(peak, bytes, flops - head, head, cache);
  }

  /** Tokens a second when a prompt of so many tokens is read. */
  public double prefill(int tokens) {
    double seconds = (tokens * layerFlops + headFlops) / (1e9 * peak.gigaflopsTogether());
    return tokens / Math.max(seconds, weightBytes / (1e9 * peak.gigabytesTogether()));
  }

  /** Tokens a second in all when so many sequences of this mean length get a token each a pass. */
  public double decode(int sequences, double length) {
    double bytes = weightBytes + sequences * length * cacheBytes;
    double work = sequences * (layerFlops + headFlops);
    double seconds =
        Math.max(bytes / (1e9 * peak.gigabytesTogether()), work / (1e9 * peak.gigaflopsTogether()));
    return sequences / seconds;
  }
}
