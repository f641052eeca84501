package dev.gamelan.eval.local;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.template.ModelTemplates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;

/**
 * A model that runs in this process. Log-likelihoods of many requests are computed as a prefix
 * tree: what contexts and continuations share is computed once, and equal requests are one. Not
 * safe for concurrent use.
 */
public final class LocalModel implements LanguageModel {
  /**
   * How requests become tokens and passes.
   *
   * @param maxLength tokens of context and continuation together; empty = the model's context
   * @param separate whether context and continuation are tokenized by themselves, as OLMo's
   *     evaluators do, instead of as one text
   * @param rows tokens a pass; results don't depend on it
   */
  public record Options(OptionalInt maxLength, boolean separate, int rows) {
    public Options {
      if (rows < 1 || maxLength.orElse(1) < 1) {
        throw new IllegalArgumentException(
            "eval: rows %d and max length %s must be at least 1".formatted(rows, maxLength));
      }
    }

    /** As the reference does it. */
    public static Options standard() {
      return new Options(OptionalInt.empty(), false, 256);
    }
  }

  /**
   * What sharing saved.
   *
   * @param given tokens that the requests have, one by one
   * @param computed tokens that were computed
   */
  public record Savings(long given, long computed) {}

  /** Is told how far the work is. */
  public interface Progress {
    /** Tokens that are computed, of those that have to be. */
    void computed(long tokens, long of);

    /** Nobody looks. */
    static Progress none() {
      return (tokens, of) -> {};
    }
  }

  private final String name;
  private final String fingerprint;
  private final Model model;
  private final Kernels kernels;
  private final Options options;
  private final Optional<ModelTemplates> templates;
  private final Progress progress;
  private final int maxLength;
  private final Encoding encoding;
  private long given;
  private long computed;

  /**
   * @param name in results
   * @param fingerprint of weights and tokenizer, see {@link ModelDigest}
   */
  public LocalModel(
      String name,
      String fingerprint,
      Model model,
      Kernels kernels,
      Options options,
      Optional<ModelTemplates> templates,
      Progress progress) {
    this.name = name;
    this.fingerprint =
        "%s %s %s %s"
            .formatted(
                fingerprint, kernels.name(), kernels.mode(), options.separate() ? "separate" : "");
    this.model = model;
    this.kernels = kernels;
    this.options = options;
    this.templates = templates;
    this.progress = progress;
    int context = model.decoder().spec().context();
    this.maxLength = options.maxLength().orElse(context);
    if (maxLength > context) {
      throw new IllegalArgumentException(
          "eval: a length of %d is asked for and the model's context is %d"
              .formatted(maxLength, context));
    }
    Tokenizer tokenizer = model.tokenizer();
    this.encoding = new Encoding(tokenizer, options.separate(), prefix(tokenizer));
  }

  private int prefix(Tokenizer tokenizer) {
    if (tokenizer.bos().isPresent()) {
      return tokenizer.bos().getAsInt();
    }
    return model
        .family()
        .bos()
        .or(() -> model.family().eos())
        .or(() -> tokenizer.eos().stream().boxed().findFirst())
        .orElse(0);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String fingerprint() {
    return fingerprint + (options.maxLength().isPresent() ? " length " + maxLength : "");
  }

  /** Tokens together before the model: context and continuation. */
  public int maxLength() {
    return maxLength;
  }

  /** What was saved so far. */
  public Savings savings() {
    return new Savings(given, computed);
  }

  @Override
  public void answer(List<? extends Request> requests, Sink sink) {
    List<Integer> generations = new ArrayList<>();
    Scoring scoring = new Scoring(requests.size(), sink);
    for (int i = 0; i < requests.size(); i++) {
      switch (requests.get(i)) {
        case Request.Loglikelihood l ->
            scoring.add(i, false, List.of(encoding.pair(l.context(), l.continuation())));
        case Request.Rolling r -> scoring.add(i, true, encoding.windows(r.text(), maxLength));
        case Request.Generate _ -> generations.add(i);
      }
    }
    scoring.run();
    // Requests with the same arguments ride together.
    Map<GenerationArguments, List<Integer>> groups = new LinkedHashMap<>();
    for (int i : generations) {
      Request.Generate g = (Request.Generate) requests.get(i);
      groups.computeIfAbsent(GenerationArguments.of(g.args()), a -> new ArrayList<>()).add(i);
    }
    groups.forEach(
        (arguments, members) -> {
          List<Generations.Prompt> prompts = new ArrayList<>();
          for (int i : members) {
            Request.Generate g = (Request.Generate) requests.get(i);
            prompts.add(new Generations.Prompt(i, encoding.whole(g.context()), g.repeat()));
          }
          Generations.Totals totals =
              new Generations(model, kernels, maxLength, options.rows(), arguments, progress)
                  .run(prompts, sink);
          given += totals.given();
          computed += totals.computed();
        });
  }

  /** Log-likelihoods under way: pairs of requests, and what is still missing of each. */
  private final class Scoring {
    private final Sink sink;
    private final List<TokenPair> pairs = new ArrayList<>();
    private final List<Integer> owners = new ArrayList<>();
    private final double[] sums;
    private final boolean[] greedy;
    private final boolean[] rolling;
    private final int[] tokens;
    private final int[] missing;

    Scoring(int requests, Sink sink) {
      this.sink = sink;
      this.sums = new double[requests];
      this.greedy = new boolean[requests];
      this.rolling = new boolean[requests];
      this.tokens = new int[requests];
      this.missing = new int[requests];
    }

    void add(int request, boolean isRolling, List<TokenPair> windows) {
      rolling[request] = isRolling;
      greedy[request] = true;
      missing[request] = windows.size();
      for (TokenPair window : windows) {
        pairs.add(window);
        owners.add(request);
        tokens[request] += window.continuation().length;
      }
      if (windows.isEmpty()) {
        sink.answered(request, new Answer.Rolled(0));
      }
    }

    void run() {
      if (pairs.isEmpty()) {
        return;
      }
      PairScorer scorer = new PairScorer(model, kernels, maxLength, options.rows(), progress);
      PrefixTree tree =
          scorer.score(
              pairs,
              (pair, sum, likeliest) -> {
                int owner = owners.get(pair);
                sums[owner] += sum;
                greedy[owner] &= likeliest;
                if (--missing[owner] == 0) {
                  sink.answered(
                      owner,
                      rolling[owner]
                          ? new Answer.Rolled(sums[owner])
                          : new Answer.Score(sums[owner], greedy[owner], tokens[owner]));
                }
              });
      given += tree.given();
      computed += tree.stored();
    }
  }

  @Override
  public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
    return templates.map(
        t -> {
          Map<String, Object> context = new LinkedHashMap<>(t.specialTokens());
          context.put("messages", messages);
          context.put("add_generation_prompt", answerFollows);
          String text = t.choose(false).render(context).text();
          if (answerFollows) {
            return text;
          }
          // The last message stays open: what the template closes it with goes.
          String last = messages.get(messages.size() - 1).path("content").asString("");
          int end = text.lastIndexOf(last.strip());
          return end < 0 ? text : text.substring(0, end + last.strip().length());
        });
  }

  /**
   * Positions of keys and values to have room for: a quarter of a gigabyte at most, but enough for
   * the longest request, and no more than there are tokens.
   */
  static long positions(DecoderSpec spec, int longest, long tokens) {
    long perPosition = Math.max(1, KvCache.bytes(spec, KvCache.PAGE_SIZE) / KvCache.PAGE_SIZE);
    long affordable = (256L << 20) / perPosition;
    // Each sequence may leave a page half empty, and forks copy one.
    long wanted = 2 * tokens + 2L * (PairScorer.SEQUENCES + 32) * KvCache.PAGE_SIZE;
    return Math.max(
        2L * longest + 2L * (PairScorer.SEQUENCES + 32) * KvCache.PAGE_SIZE,
        Math.min(affordable, wanted));
  }
}
