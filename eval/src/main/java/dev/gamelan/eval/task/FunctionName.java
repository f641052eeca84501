package dev.gamelan.eval.task;

/**
 * What {@code !function module.function} in a task's YAML speaks of.
 *
 * @param folder the name of the folder the YAML lies in
 * @param module the Python module beside the YAML, without {@code .py}
 * @param function its function
 */
public record FunctionName(String folder, String module, String function) {
  @Override
  public String toString() {
    return folder + "/" + module + "." + function;
  }
}
