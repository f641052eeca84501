package dev.gamelan.eval.run;

import dev.gamelan.eval.run.EvaluationResult.Figure;
import dev.gamelan.eval.run.EvaluationResult.GroupResult;
import dev.gamelan.eval.run.EvaluationResult.TaskResult;
import dev.gamelan.eval.score.StandardError;
import dev.gamelan.eval.task.TaskTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;

/** Means over the tasks of groups. */
final class Groups {
  private Groups() {}

  static Map<String, GroupResult> aggregate(TaskTree tree, List<TaskResult> tasks) {
    Map<String, TaskResult> byName = new LinkedHashMap<>();
    tasks.forEach(t -> byName.put(t.task().config().task(), t));
    Map<String, GroupResult> results = new LinkedHashMap<>();
    for (TaskTree.Group group : tree.groups()) {
      List<TaskResult> members =
          tree.leaves(group.name()).stream().map(byName::get).filter(t -> t != null).toList();
      results.put(group.name(), aggregate(group, members));
    }
    return results;
  }

  private static GroupResult aggregate(TaskTree.Group group, List<TaskResult> members) {
    Map<String, Figure> figures = new LinkedHashMap<>();
    Map<String, Integer> sizes = new LinkedHashMap<>();
    for (TaskTree.Aggregate aggregate : group.aggregates()) {
      for (String filter : filters(aggregate, members)) {
        String key = aggregate.metric() + "," + filter;
        List<TaskResult> having =
            members.stream().filter(m -> m.figures().containsKey(key)).toList();
        if (!having.isEmpty()) {
          figures.put(key, figure(key, having, aggregate.weightBySize()));
          sizes.put(key, having.stream().mapToInt(TaskResult::effective).sum());
        }
      }
    }
    return new GroupResult(figures, sizes, members.stream().mapToInt(TaskResult::effective).sum());
  }

  private static List<String> filters(TaskTree.Aggregate aggregate, List<TaskResult> members) {
    if (!aggregate.filters().isEmpty()) {
      return aggregate.filters();
    }
    TreeSet<String> found = new TreeSet<>();
    String prefix = aggregate.metric() + ",";
    members.forEach(
        m ->
            m.figures().keySet().stream()
                .filter(k -> k.startsWith(prefix))
                .forEach(k -> found.add(k.substring(prefix.length()))));
    return new ArrayList<>(found);
  }

  private static Figure figure(String key, List<TaskResult> having, boolean bySize) {
    double sum = 0;
    long weights = 0;
    boolean errors = true;
    double[] standardErrors = new double[having.size()];
    int[] sizes = new int[having.size()];
    for (int i = 0; i < having.size(); i++) {
      Figure figure = having.get(i).figures().get(key);
      sizes[i] = having.get(i).effective();
      int weight = bySize ? sizes[i] : 1;
      sum += figure.value() * weight;
      weights += weight;
      errors &= figure.standardError().isPresent();
      standardErrors[i] = figure.standardError().orElse(0);
    }
    return new Figure(
        sum / weights,
        !errors
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                bySize
                    ? StandardError.pooled(standardErrors, sizes)
                    : StandardError.unweighted(standardErrors)));
  }
}
