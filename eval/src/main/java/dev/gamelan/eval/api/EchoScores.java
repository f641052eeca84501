package dev.gamelan.eval.api;

import dev.gamelan.eval.lm.Answer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Log-likelihoods by OpenAI's older completions, which give a prompt back with its tokens'
 * log-probabilities ({@code echo}). Tokens are the service's: those count that reach beyond the
 * context, so one that the context ends within counts.
 */
final class EchoScores {
  private EchoScores() {}

  static ObjectNode body(ApiSettings settings, String text) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("model", settings.model())
        .put("prompt", text)
        .put("max_tokens", 1)
        .put("temperature", 0.0)
        .put("logprobs", 1)
        .put("echo", true)
        .put("seed", 1234);
  }

  /**
   * The score of what follows the first characters of a text.
   *
   * @param text that was asked about
   * @param context its length, in code points
   */
  static Answer.Score score(JsonNode body, String text, int context) throws Protocol.Malformed {
    JsonNode choice = body.path("choices").path(0);
    JsonNode logprobs = choice.path("logprobs");
    if (!choice.isObject()) {
      throw new Protocol.Malformed("an answer without choices");
    }
    JsonNode values = logprobs.path("token_logprobs");
    JsonNode tokens = logprobs.path("tokens");
    if (!values.isArray() || values.isEmpty() || !tokens.isArray()) {
      throw new ApiException(
          "the service gives no log-probabilities of prompts (completions with echo and logprobs), so tasks of choices can't be scored with it, only those that generate");
    }
    List<Integer> starts = starts(logprobs, tokens, text);
    if (values.size() != tokens.size() || starts.size() != tokens.size()) {
      throw new Protocol.Malformed("lists of tokens and log-probabilities of different lengths");
    }
    int end = text.codePointCount(0, text.length());
    double sum = 0;
    boolean greedy = true;
    int counted = 0;
    for (int i = 0; i < tokens.size(); i++) {
      int tokenEnd = i + 1 < starts.size() ? starts.get(i + 1) : Integer.MAX_VALUE;
      if (starts.get(i) >= end || tokenEnd <= context) {
        continue;
      }
      if (!values.get(i).isNumber()) {
        throw new ApiException(
            "the service gives no log-probability of the first token, so a continuation without a context can't be scored with it");
      }
      double value = values.get(i).doubleValue();
      sum += value;
      counted++;
      for (JsonNode top : logprobs.path("top_logprobs").path(i)) {
        greedy &= top.doubleValue() <= value;
      }
    }
    if (counted == 0) {
      throw new Protocol.Malformed("the prompt isn't given back: echo is ignored");
    }
    return new Answer.Score(sum, greedy, counted);
  }

  /**
   * Where tokens begin, in code points: by their texts where these are the prompt's, else as told.
   */
  private static List<Integer> starts(JsonNode logprobs, JsonNode tokens, String text) {
    List<Integer> starts = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    int at = 0;
    for (JsonNode token : tokens) {
      starts.add(at);
      String part = token.asString("");
      at += part.codePointCount(0, part.length());
      all.append(part);
    }
    if (all.toString().startsWith(text)) {
      return starts;
    }
    // Tokens that are parts of a character have no text of their own.
    starts.clear();
    logprobs.path("text_offset").forEach(o -> starts.add(o.asInt(0)));
    return starts;
  }
}
