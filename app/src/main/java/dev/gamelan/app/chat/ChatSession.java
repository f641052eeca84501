package dev.gamelan.app.chat;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sampler;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.IncrementalDetokenizer;
import dev.gamelan.text.StopMatcher;
import dev.gamelan.text.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A model in the middle of a conversation: keeps the keys and values of what it has read, and of
 * each new prompt reads only what differs from that. Not safe for concurrent use.
 */
public final class ChatSession implements AutoCloseable {
  /** Why an answer ended. */
  public enum Finish {
    /** The model said so. */
    END_OF_TURN,
    /** A stop string came. */
    STOP_STRING,
    /** As many tokens as were allowed. */
    MAX_TOKENS,
    /** There is no room for more. */
    CONTEXT_FULL,
    /** Whoever asked wants no more of it. */
    INTERRUPTED
  }

  /**
   * An answer.
   *
   * @param text without special tokens
   * @param tokens how many were drawn
   * @param promptTokens of the whole conversation before it
   * @param readTokens those of them that weren't in the cache
   * @param reading time until the first token was drawn
   * @param writing time from there to the last
   */
  public record Answer(
      String text,
      Finish finish,
      int tokens,
      int promptTokens,
      int readTokens,
      Duration reading,
      Duration writing) {
    /** Tokens a second after the first; 0 if there was but one. */
    public double tokensPerSecond() {
      return tokens < 2 ? 0 : (tokens - 1) * 1e9 / Math.max(1, writing.toNanos());
    }
  }

  private final Tokenizer tokenizer;
  private final int context;
  private final Inference inference;
  private final Sequence sequence;
  private final Set<Integer> ends;
  private int[] held = new int[256];
  private long drawn;

  /**
   * @param context tokens that a conversation has at most, answers included
   * @param ends tokens that end an answer
   * @throws IllegalArgumentException if the model's context is smaller
   */
  public ChatSession(Model model, Kernels kernels, int context, Set<Integer> ends) {
    DecoderSpec spec = model.decoder().spec();
    if (context < 2 || context > spec.context()) {
      throw new IllegalArgumentException(
          "chat: a context of %d tokens; between 2 and the model's %d are possible"
              .formatted(context, spec.context()));
    }
    this.tokenizer = model.tokenizer();
    this.context = context;
    this.ends = Set.copyOf(ends);
    KvCache cache = new KvCache(spec, kernels, context, 1);
    this.inference = new Inference(model.decoder(), model.parameters(), kernels, cache, 1);
    this.sequence = new Sequence(cache);
  }

  /** Tokens that a conversation has at most. */
  public int context() {
    return context;
  }

  /**
   * Answers a prompt.
   *
   * @param prompt the whole conversation, as the template writes it
   * @param stop asked after every token whether to end
   * @param stream gets the text as it becomes certain
   * @throws IllegalArgumentException if the prompt is empty or leaves no room for an answer
   */
  public Answer answer(
      String prompt, Sampling sampling, BooleanSupplier stop, Consumer<String> stream) {
    long start = System.nanoTime();
    int[] ids = tokenizer.encode(prompt, Tokenizer.Special.PARSE);
    if (ids.length == 0 || ids.length >= context) {
      throw new IllegalArgumentException(
          ids.length == 0
              ? "the chat template makes nothing of the conversation"
              : "the conversation has %d tokens, %d is the limit; /reset begins anew, --context allows more where the model does"
                  .formatted(ids.length, context));
    }
    Sampler sampler = new Sampler(sampling);
    Arrays.stream(ids).forEach(sampler::saw);
    int kept = keep(ids);
    Tensor logits = null;
    for (int from = kept; from < ids.length; from += Inference.CHUNK) {
      if (stop.getAsBoolean()) {
        Duration until = Duration.ofNanos(System.nanoTime() - start);
        return new Answer("", Finish.INTERRUPTED, 0, ids.length, from - kept, until, Duration.ZERO);
      }
      logits = feed(Arrays.copyOfRange(ids, from, Math.min(ids.length, from + Inference.CHUNK)));
    }
    Output output = new Output(sampling, stream);
    int room = Math.min(sampling.maxTokens(), context - ids.length);
    Finish finish = room < sampling.maxTokens() ? Finish.CONTEXT_FULL : Finish.MAX_TOKENS;
    long first = 0;
    int n = 0;
    while (n < room) {
      int token = sampler.next(legal(logits), drawn++);
      first = n++ == 0 ? System.nanoTime() : first;
      if (ends.contains(token)) {
        finish = Finish.END_OF_TURN;
        break;
      }
      sampler.saw(token);
      if (output.add(token)) {
        finish = Finish.STOP_STRING;
        break;
      }
      if (stop.getAsBoolean()) {
        finish = Finish.INTERRUPTED;
        break;
      }
      if (n < room) {
        logits = feed(new int[] {token});
      }
    }
    output.finish(finish == Finish.STOP_STRING);
    long end = System.nanoTime();
    return new Answer(
        output.text.toString(),
        finish,
        n,
        ids.length,
        ids.length - kept,
        Duration.ofNanos(first - start),
        Duration.ofNanos(end - first));
  }

  /** Cuts the cache to what the prompt begins with; the last token is read in any case. */
  private int keep(int[] ids) {
    int same = 0;
    int most = Math.min(ids.length - 1, sequence.length());
    while (same < most && held[same] == ids[same]) {
      same++;
    }
    boolean whole =
        sequence.held() == (sequence.length() + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    if (same < sequence.length() && !whole) {
      // A window gave back what the tokens before the cut would have to see.
      same = 0;
      sequence.close();
    } else {
      sequence.truncate(same);
    }
    return same;
  }

  private Tensor feed(int[] tokens) {
    int from = sequence.length();
    Tensor logits = inference.feed(sequence, tokens);
    if (from + tokens.length > held.length) {
      held = Arrays.copyOf(held, Math.max(2 * held.length, from + tokens.length));
    }
    System.arraycopy(tokens, 0, held, from, tokens.length);
    return logits;
  }

  /** The logits of ids that the tokenizer knows; padding rows of the head are never drawn. */
  private Tensor legal(Tensor logits) {
    return logits.columns(0, Math.min(logits.columns(), tokenizer.vocabularySize()));
  }

  @Override
  public void close() {
    sequence.close();
  }

  /** Turns tokens into streamed text. */
  private final class Output {
    private final IncrementalDetokenizer detokenizer =
        IncrementalDetokenizer.continuing(tokenizer).withoutSpecial();
    private final StopMatcher stops;
    private final Consumer<String> stream;
    private final StringBuilder text = new StringBuilder();

    Output(Sampling sampling, Consumer<String> stream) {
      this.stops = new StopMatcher(sampling.stops());
      this.stream = stream;
    }

    /** Whether a stop string has come. */
    boolean add(int token) {
      emit(stops.add(detokenizer.add(token)));
      return stops.stopped();
    }

    void finish(boolean stopped) {
      if (!stopped) {
        emit(stops.add(detokenizer.finish()));
        emit(stops.finish());
      }
    }

    private void emit(String piece) {
      if (!piece.isEmpty()) {
        text.append(piece);
        stream.accept(piece);
      }
    }
  }
}
