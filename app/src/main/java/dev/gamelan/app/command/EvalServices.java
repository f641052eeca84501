package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.api.ApiModel;
import dev.gamelan.eval.api.ApiSettings;
import dev.gamelan.eval.api.CostEstimate;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.run.AnswerLog;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options for models behind an interface: how fast they are asked, and what they may cost. */
final class EvalServices {
  @Option(
      names = {"--model-args", "--model_args", "-a"},
      defaultValue = "",
      paramLabel = "KEY=VALUE,…",
      description =
          "For a model behind an interface: model, interface=chat|completions, num_concurrent,"
              + " timeout (s), max_retries, requests_per_minute, tokens_per_minute, token_field,"
              + " api_key_env.")
  private String arguments;

  @Option(
      names = "--price-in",
      defaultValue = "0",
      paramLabel = "PRICE",
      description = "What a million tokens of questions cost, for the estimate.")
  private double priceIn;

  @Option(
      names = "--price-out",
      defaultValue = "0",
      paramLabel = "PRICE",
      description = "What a million tokens of answers cost.")
  private double priceOut;

  @Option(
      names = "--max-cost",
      defaultValue = "1",
      paramLabel = "PRICE",
      description = "Above this estimate nothing is asked without --yes (default: 1).")
  private double maxCost;

  @Option(names = "--yes", description = "Ask even if the estimate is above --max-cost.")
  private boolean yes;

  @Option(
      names = "--offline",
      description = "Score recorded answers only; a request without one is an error.")
  private boolean offline;

  boolean offline() {
    return offline;
  }

  boolean given() {
    return !arguments.isEmpty();
  }

  ApiSettings settings(String name) {
    return ApiSettings.of(name, arguments);
  }

  /** Says what is to be asked and what it costs at most; refuses what costs too much. */
  void estimate(Shell shell, List<Request> requests, AnswerLog log) {
    List<Request> open = requests.stream().distinct().filter(r -> log.find(r).isEmpty()).toList();
    if (open.isEmpty() || offline) {
      return;
    }
    CostEstimate estimate = CostEstimate.of(open);
    double price = estimate.price(priceIn, priceOut);
    String text =
        String.format(
            Locale.ROOT,
            "%,d requests, about %,d tokens of questions and at most %,d of answers",
            estimate.requests(),
            estimate.input(),
            estimate.output());
    boolean priced = priceIn > 0 || priceOut > 0;
    text +=
        priced
            ? String.format(Locale.ROOT, ", at most about %.2f by the prices given", price)
            : "; --price-in and --price-out would say what it costs";
    shell.err().println("gamelan: eval: " + text);
    if (price > maxCost && !yes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the estimate of %.2f is above --max-cost %.2f, so nothing was asked; say --yes, raise --max-cost or lower --limit",
              price,
              maxCost));
    }
  }

  /** Says what the service counted. */
  void finish(Shell shell, ApiModel model) {
    ApiModel.Usage u = model.usage();
    String text =
        String.format(
            Locale.ROOT,
            "gamelan: eval: the service counted %,d tokens of questions, %,d of answers",
            u.input(),
            u.output());
    if (priceIn > 0 || priceOut > 0) {
      text +=
          String.format(
              Locale.ROOT,
              ", %.4f by the prices given",
              (u.input() * priceIn + u.output() * priceOut) / 1e6);
    }
    shell.err().println(text);
    if (u.blocked() > 0) {
      shell
          .err()
          .printf(
              "gamelan: eval: the service kept back %d answers itself; they count as empty%n",
              u.blocked());
    }
  }
}
