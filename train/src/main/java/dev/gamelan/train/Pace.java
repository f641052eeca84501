package dev.gamelan.train;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.Arrays;

/** How fast a configuration trains here, measured on random tokens. */
public final class Pace {
  private Pace() {}

  /**
   * The seconds that a step takes, once warm.
   *
   * @param seconds to spend on measuring, about
   */
  public static double secondsPerStep(
      TrainingConfig config, Family family, Kernels kernels, double seconds) {
    Decoder decoder = new Decoder(family.spec());
    FlatParameters flat = new FlatParameters(decoder, kernels);
    config.initializer().initialize(decoder, flat.weightsByName(), config.seed());
    ModelParameters parameters =
        ModelParameters.trainable(decoder, kernels, flat.weightsByName(), flat.gradientsByName());
    SequencePass pass =
        new SequencePass(
            decoder,
            parameters,
            kernels,
            config.batch_size(),
            config.sequence_length(),
            SequencePass.Output.LOSS,
            name -> true,
            Tape.Purpose.TRAINING);
    int rows = config.batch_size() * config.sequence_length();
    CounterRandom random = new CounterRandom(config.seed(), 0x9ace);
    for (int i = 0; i < rows; i++) {
      pass.tokens().setInt(0, i, (int) random.below(family.spec().vocabulary(), i));
      pass.targets().setInt(0, i, (int) random.below(family.spec().vocabulary(), rows + i));
    }
    kernels.fill(pass.weights(), 1f / rows);
    Optimizer optimizer = new Optimizer(flat, kernels, config.optimizer());
    double[] last = new double[5];
    Arrays.fill(last, Double.POSITIVE_INFINITY);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int step = 1; System.nanoTime() < end || step <= last.length; step++) {
      long start = System.nanoTime();
      kernels.fill(flat.gradients(), 0);
      for (int i = 0; i < config.gradient_accumulation(); i++) {
        pass.forward();
        pass.backward();
      }
      optimizer.step(config.learning_rate(), step);
      parameters.refresh();
      kernels.finish();
      last[step % last.length] = (System.nanoTime() - start) / 1e9;
    }
    Arrays.sort(last);
    return last[last.length / 2];
  }
}
