package dev.gamelan.eval.api;

import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.local.GenerationArguments;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What requests will take, before they are asked: four bytes a token, and answers as long as they
 * may be, so that it is rather too much than too little.
 *
 * @param input tokens of questions
 * @param output tokens of answers at most
 */
public record CostEstimate(int requests, long input, long output) {
  private static final int BYTES = 4;
  private static final int FRAME = 8;

  /** Of requests. */
  public static CostEstimate of(List<? extends Request> requests) {
    long input = 0;
    long output = 0;
    for (Request request : requests) {
      input += input(request);
      output += output(request);
    }
    return new CostEstimate(requests.size(), input, output);
  }

  static long tokens(Request request) {
    return input(request) + output(request);
  }

  private static long input(Request request) {
    return switch (request) {
      case Request.Loglikelihood l -> FRAME + bytes(l.context() + l.continuation());
      case Request.Rolling r -> FRAME + bytes(r.text());
      case Request.Generate g -> FRAME + bytes(g.context());
    };
  }

  private static long output(Request request) {
    return switch (request) {
      case Request.Loglikelihood _, Request.Rolling _ -> 1;
      case Request.Generate g -> GenerationArguments.of(g.args()).maxTokens();
    };
  }

  private static long bytes(String text) {
    return Math.ceilDiv(text.getBytes(StandardCharsets.UTF_8).length, BYTES);
  }

  /** What it costs, in the currency of the prices, which are per million tokens. */
  public double price(double in, double out) {
    return (input * in + output * out) / 1e6;
  }
}
