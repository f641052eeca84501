package dev.gamelan.model.vision;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Parameters;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Turns images into features, one at a time, so that an image has the same bits alone and among
 * others. Not safe for concurrent use.
 */
public final class VisionPass {
  private final VisionTower tower;
  private final Kernels kernels;
  private final VisionTower.Recorded recorded;
  private final Step step;

  public VisionPass(VisionTower tower, Parameters parameters, Kernels kernels) {
    this.tower = tower;
    this.kernels = kernels;
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    this.recorded = tower.record(tape, 1, name -> false);
    tape.keep(recorded.features());
    Plan plan = Plan.of(tape);
    this.step = new Step(plan, kernels, parameters, kernels.allocate(Arena.ofAuto(), plan.bytes()));
    recorded.prepare(step);
  }

  /** The plan of a pass over one image, without memory. */
  public static Plan plan(VisionTower tower) {
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    tape.keep(tower.record(tape, 1, name -> false).features());
    return Plan.of(tape);
  }

  /**
   * The features of images, one after the other.
   *
   * @param images each channels·height·width normalised values
   * @return [images·features, text width], the caller's
   */
  public Tensor features(List<Tensor> images) {
    Tensor kept = step.tensor(recorded.features());
    int each = tower.spec().features();
    long columns = kept.columns();
    Tensor all =
        Tensor.of(
            kernels.allocate(Arena.ofAuto(), 4L * images.size() * each * columns),
            DType.F32,
            new Shape((long) images.size() * each, columns));
    for (int i = 0; i < images.size(); i++) {
      recorded.fill(step, 0, images.get(i));
      step.forward();
      kernels.copy(kept, all.rows((long) i * each, (i + 1L) * each));
      kernels.finish();
    }
    return all;
  }
}
