package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.NormKernels;
import java.util.Arrays;
import java.util.Optional;

/** Norms: x̂ is the normalised row, g = dy·weight, and ⟨·⟩ the mean over the row. */
interface ScalarNorms extends NormKernels {
  /** x̂ = (x − ⟨x⟩)/√(⟨(x − ⟨x⟩)²⟩ + eps); y = x̂·weight + bias. */
  @Override
  default void layerNorm(
      Tensor x,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      float eps,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    int d = Math.toIntExact(x.columns());
    double[] w = orElse(weight, d, 1);
    double[] b = orElse(bias, d, 0);
    double[] means = new double[Math.toIntExact(x.rows())];
    double[] rstds = new double[means.length];
    for (int i = 0; i < means.length; i++) {
      double[] row = Rows.read(x, i);
      double m = mean(row);
      double squares = 0;
      for (double v : row) {
        squares += (v - m) * (v - m);
      }
      double r = 1 / Math.sqrt(squares / d + eps);
      for (int c = 0; c < d; c++) {
        row[c] = (row[c] - m) * r * w[c] + b[c];
      }
      Rows.write(y, i, row);
      means[i] = m;
      rstds[i] = r;
    }
    Rows.writeAll(mean, means, false);
    Rows.writeAll(rstd, rstds, false);
  }

  /** dx = rstd·(g − ⟨g⟩ − x̂·⟨g·x̂⟩), with mean and rstd as the forward pass rounded them. */
  @Override
  default void layerNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor mean,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight,
      Optional<Tensor> dbias) {
    int d = Math.toIntExact(x.columns());
    double[] w = orElse(weight, d, 1);
    double[] means = Rows.readAll(mean);
    double[] rstds = Rows.readAll(rstd);
    double[] dw = new double[d];
    double[] db = new double[d];
    for (int i = 0; i < means.length; i++) {
      double[] hat = Rows.read(x, i);
      double[] g = Rows.read(dy, i);
      for (int c = 0; c < d; c++) {
        hat[c] = (hat[c] - means[i]) * rstds[i];
        dw[c] += g[c] * hat[c];
        db[c] += g[c];
        g[c] *= w[c];
      }
      double meanG = mean(g);
      double meanGHat = Rows.dot(g, hat) / d;
      for (int c = 0; c < d; c++) {
        g[c] = rstds[i] * (g[c] - meanG - hat[c] * meanGHat);
      }
      Rows.write(dx, i, g, accumulate);
    }
    dweight.ifPresent(t -> Rows.writeAll(t, dw, true));
    dbias.ifPresent(t -> Rows.writeAll(t, db, true));
  }

  /** x̂ = x/√(⟨x²⟩ + eps); y = x̂·weight, a group at a time. */
  @Override
  default void rmsNorm(
      Tensor x, Optional<Tensor> weight, int groups, float eps, Tensor y, Tensor rstd) {
    int d = Math.toIntExact(x.columns()) / groups;
    double[] w = orElse(weight, d, 1);
    double[] rstds = new double[Math.toIntExact(x.rows()) * groups];
    for (int i = 0; i < x.rows(); i++) {
      double[] row = Rows.read(x, i);
      for (int group = 0; group < groups; group++) {
        double[] part = Arrays.copyOfRange(row, group * d, (group + 1) * d);
        double r = 1 / Math.sqrt(Rows.dot(part, part) / d + eps);
        for (int c = 0; c < d; c++) {
          row[group * d + c] = part[c] * r * w[c];
        }
        rstds[i * groups + group] = r;
      }
      Rows.write(y, i, row);
    }
    Rows.writeAll(rstd, rstds, false);
  }

  /** dx = rstd·(g − x̂·⟨g·x̂⟩), a group at a time, with rstd as the forward pass rounded it. */
  @Override
  default void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      int groups,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight) {
    int d = Math.toIntExact(x.columns()) / groups;
    double[] w = orElse(weight, d, 1);
    double[] rstds = Rows.readAll(rstd);
    double[] dw = new double[d];
    for (int i = 0; i < x.rows(); i++) {
      double[] row = Rows.read(x, i);
      double[] dRow = Rows.read(dy, i);
      for (int group = 0; group < groups; group++) {
        double r = rstds[i * groups + group];
        double[] hat = Arrays.copyOfRange(row, group * d, (group + 1) * d);
        double[] g = Arrays.copyOfRange(dRow, group * d, (group + 1) * d);
        for (int c = 0; c < d; c++) {
          hat[c] *= r;
          dw[c] += g[c] * hat[c];
          g[c] *= w[c];
        }
        double meanGHat = Rows.dot(g, hat) / d;
        for (int c = 0; c < d; c++) {
          dRow[group * d + c] = r * (g[c] - hat[c] * meanGHat);
        }
      }
      Rows.write(dx, i, dRow, accumulate);
    }
    dweight.ifPresent(t -> Rows.writeAll(t, dw, true));
  }

  private static double[] orElse(Optional<Tensor> vector, int d, double value) {
    if (vector.isPresent()) {
      return Rows.readAll(vector.get());
    }
    double[] constant = new double[d];
    Arrays.fill(constant, value);
    return constant;
  }

  private static double mean(double[] row) {
    double sum = 0;
    for (double v : row) {
      sum += v;
    }
    return sum / row.length;
  }
}
