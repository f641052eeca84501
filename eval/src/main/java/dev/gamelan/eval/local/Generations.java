package dev.gamelan.eval.local;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sampler;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.IncrementalDetokenizer;
import dev.gamelan.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Continues many prompts at once: a pass has a token of each answer under way and, where there is
 * room, tokens of prompts that come next. What neighbouring prompts share is computed once. An
 * answer doesn't depend on what else is in its passes.
 */
final class Generations {
  /** Answers under way at a time. */
  private static final int ACTIVE = 16;

  /** Shorter beginnings aren't worth a sequence of their own. */
  private static final int WORTH_SHARING = 16;

  /**
   * A prompt.
   *
   * @param request whose answer it is
   * @param repeat which of several samples
   */
  record Prompt(int request, int[] ids, int repeat) {}

  /** Tokens of all prompts, and those computed of them. */
  record Totals(long given, long computed) {}

  private final Model model;
  private final int rows;
  private final int maxLength;
  private final GenerationArguments arguments;
  private final LocalModel.Progress progress;
  private final Tokenizer tokenizer;
  private final Set<Integer> ends = new HashSet<>();
  private final Kernels kernels;
  private KvCache cache;
  private Inference inference;
  private Stem stem = new Stem(new int[0], null);
  private long computed;

  /** A beginning that prompts share, computed. */
  private record Stem(int[] ids, Sequence sequence) {}

  Generations(
      Model model,
      Kernels kernels,
      int maxLength,
      int rows,
      GenerationArguments arguments,
      LocalModel.Progress progress) {
    this.model = model;
    this.kernels = kernels;
    this.rows = Math.max(rows, ACTIVE);
    this.maxLength = maxLength;
    this.arguments = arguments;
    this.progress = progress;
    this.tokenizer = model.tokenizer();
    model.family().eos().ifPresent(ends::add);
    tokenizer.eos().ifPresent(ends::add);
    for (String stop : arguments.until()) {
      tokenizer.id(stop).stream().filter(tokenizer::isSpecial).forEach(ends::add);
    }
  }

  Totals run(List<Prompt> prompts, LanguageModel.Sink sink) {
    int room = maxLength - arguments.maxTokens();
    if (room < 1) {
      throw new IllegalArgumentException(
          "eval: %d tokens are to be generated and the model's length is %d; lower max_gen_toks"
              .formatted(arguments.maxTokens(), maxLength));
    }
    long given = 0;
    List<Prompt> sorted = new ArrayList<>();
    int longest = 1;
    for (Prompt p : prompts) {
      int[] ids =
          p.ids().length > room
              ? Arrays.copyOfRange(p.ids(), p.ids().length - room, p.ids().length)
              : p.ids();
      if (ids.length == 0) {
        throw new IllegalArgumentException("eval: a prompt without tokens can't be continued");
      }
      sorted.add(new Prompt(p.request(), ids, p.repeat()));
      given += ids.length;
      longest = Math.max(longest, ids.length + arguments.maxTokens());
    }
    sorted.sort(Comparator.comparing(Prompt::ids, Arrays::compare));
    cache =
        new KvCache(
            model.decoder().spec(),
            kernels,
            LocalModel.positions(
                model.decoder().spec(),
                longest,
                (long) Math.min(ACTIVE + 1, sorted.size() + 1) * longest));
    inference = new Inference(model.decoder(), model.parameters(), kernels, cache, ACTIVE);
    continueAll(sorted, sink);
    return new Totals(given, computed);
  }

  private void continueAll(List<Prompt> prompts, LanguageModel.Sink sink) {
    List<Answering> active = new ArrayList<>();
    int next = 0;
    int done = 0;
    try {
      while (next < prompts.size() || !active.isEmpty()) {
        while (next < prompts.size() && active.size() < ACTIVE && fits(prompts.get(next), active)) {
          active.add(begin(prompts, next++));
        }
        pass(active);
        for (Iterator<Answering> i = active.iterator(); i.hasNext(); ) {
          Answering a = i.next();
          if (a.finished) {
            i.remove();
            a.sequence.close();
            sink.answered(a.prompt.request(), new Answer.Text(a.result()));
            progress.computed(++done, prompts.size());
          }
        }
      }
    } finally {
      active.forEach(a -> a.sequence.close());
      forgetStem();
    }
  }

  private int pages(Prompt prompt) {
    return (prompt.ids().length + arguments.maxTokens()) / KvCache.PAGE_SIZE + 2;
  }

  /** Whether the prompt and a whole answer fit into the cache beside those under way. */
  private boolean fits(Prompt prompt, List<Answering> active) {
    long promised = pages(prompt);
    for (Answering a : active) {
      promised += pages(a.prompt) - a.sequence.length() / KvCache.PAGE_SIZE;
    }
    return active.isEmpty() || promised <= cache.fewestFree();
  }

  private Answering begin(List<Prompt> prompts, int at) {
    Prompt prompt = prompts.get(at);
    if (!startsWith(prompt.ids(), stem.ids()) || stem.sequence() == null) {
      makeStem(prompts, at);
    }
    Sequence sequence = stem.sequence() == null ? new Sequence(cache) : stem.sequence().fork();
    return new Answering(prompt, sequence, stem.sequence() == null ? 0 : stem.ids().length);
  }

  /** Computes what this prompt shares with the next, if that is worth it. */
  private void makeStem(List<Prompt> prompts, int at) {
    forgetStem();
    if (at + 1 >= prompts.size()) {
      return;
    }
    int[] ids = prompts.get(at).ids();
    int[] other = prompts.get(at + 1).ids();
    int shared = Arrays.mismatch(ids, other);
    // The last token of a prompt is always computed: its logits begin the answer.
    shared = Math.min(shared < 0 ? ids.length : shared, ids.length - 1);
    int all = shared;
    for (int i = at + 2; i < prompts.size(); i++) {
      int common = Arrays.mismatch(ids, prompts.get(i).ids());
      if (common >= 0 && common < WORTH_SHARING) {
        break;
      }
      all = Math.min(all, common < 0 ? all : common);
    }
    shared = Math.min(shared, Math.max(all, WORTH_SHARING));
    if (shared < WORTH_SHARING) {
      return;
    }
    Sequence sequence = new Sequence(cache);
    int[] beginning = Arrays.copyOf(ids, shared);
    inference.feed(sequence, beginning);
    computed += shared;
    stem = new Stem(beginning, sequence);
  }

  private void forgetStem() {
    if (stem.sequence() != null) {
      stem.sequence().close();
    }
    stem = new Stem(new int[0], null);
  }

  private static boolean startsWith(int[] ids, int[] beginning) {
    return ids.length > beginning.length
        && Arrays.equals(ids, 0, beginning.length, beginning, 0, beginning.length);
  }

  private void pass(List<Answering> active) {
    List<Inference.Feed> feeds = new ArrayList<>();
    List<Answering> wanted = new ArrayList<>();
    List<Integer> wantedRows = new ArrayList<>();
    int row = 0;
    for (boolean decoding : new boolean[] {true, false}) {
      for (Answering a : active) {
        int take = Math.min(a.pending.length - a.fed, decoding ? 1 : rows - row);
        if ((a.drawn > 0) != decoding || take < 1) {
          continue;
        }
        feeds.add(new Inference.Feed(a.sequence, a.pending, a.fed, a.fed + take));
        a.fed += take;
        row += take;
        computed += decoding ? 0 : take;
        if (a.fed == a.pending.length) {
          wanted.add(a);
          wantedRows.add(row - 1);
        }
      }
    }
    int[] which =
        wanted.isEmpty()
            ? new int[] {row - 1}
            : wantedRows.stream().mapToInt(Integer::intValue).toArray();
    Tensor logits = inference.run(feeds, which);
    Tensor legal = logits.columns(0, Math.min(logits.columns(), tokenizer.vocabularySize()));
    for (int i = 0; i < wanted.size(); i++) {
      wanted.get(i).draw(legal.rows(i, i + 1));
    }
  }

  /** One answer under way. */
  private final class Answering {
    private final Prompt prompt;
    private final Sequence sequence;
    private final Sampler sampler;
    private final IncrementalDetokenizer detokenizer;
    private final StringBuilder text = new StringBuilder();
    private int[] pending;
    private int fed;
    private int drawn;
    private boolean finished;

    Answering(Prompt prompt, Sequence sequence, int begun) {
      this.prompt = prompt;
      this.sequence = sequence;
      this.pending = prompt.ids();
      this.fed = begun;
      this.sampler =
          new Sampler(
              new Sampling(
                  arguments.maxTokens(),
                  arguments.temperature(),
                  arguments.topK(),
                  arguments.topP(),
                  0,
                  1,
                  31L * Arrays.hashCode(prompt.ids()) + prompt.repeat(),
                  List.of()));
      this.detokenizer = IncrementalDetokenizer.continuing(tokenizer).withoutSpecial();
    }

    void draw(Tensor logits) {
      int token = sampler.next(logits, drawn++);
      if (ends.contains(token)) {
        finished = true;
        text.append(detokenizer.finish());
        return;
      }
      String piece = detokenizer.add(token);
      int from = text.length();
      text.append(piece);
      for (String stop : arguments.until()) {
        finished |= text.indexOf(stop, Math.max(0, from - stop.length())) >= 0;
      }
      if (!finished && drawn == arguments.maxTokens()) {
        finished = true;
        text.append(detokenizer.finish());
      }
      pending = new int[] {token};
      fed = 0;
    }

    /** The text before the first stop. */
    String result() {
      String result = text.toString();
      for (String stop : arguments.until()) {
        int at = result.indexOf(stop);
        result = at < 0 ? result : result.substring(0, at);
      }
      return result;
    }
  }
}
