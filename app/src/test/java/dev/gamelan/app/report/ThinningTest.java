package dev.gamelan.app.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.app.report.Thinning.Point;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ThinningTest {
  @Test
  void of_each_column_the_first_lowest_highest_and_last_stay() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      double top = i == 300 ? -50 : i == 700 ? 90 : 10;
      points.add(new Point(5 + i / 1001.0, top, i, top));
    }
    assertThat(Thinning.thin(points, 1))
        .extracting(Point::x)
        .containsExactly(0.0, 300.0, 700.0, 999.0);
  }

  @Test
  void few_points_stay_as_they_are_and_gaps_remain() {
    Point gap = new Point(Double.NaN, 1, 2, Double.NaN);
    List<Point> points =
        List.of(new Point(0, 1, 0, 1), gap, new Point(2, 3, 2, 3), new Point(9, 3, 9, 3));
    assertThat(Thinning.thin(points, 1)).isEqualTo(points);
  }
}
