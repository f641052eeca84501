package dev.gamelan.model.generate;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.IncrementalDetokenizer;
import dev.gamelan.text.StopMatcher;
import dev.gamelan.text.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Continues texts with a model, token by token. Not safe for concurrent use. */
public final class Generator {
  /** Why an answer ended. */
  public enum Finish {
    /** The model said so. */
    END_OF_TEXT,
    /** A stop string came; it isn't part of the text. */
    STOP_STRING,
    /** As many tokens as were asked for. */
    MAX_TOKENS,
    /** The model's context is full. */
    CONTEXT_FULL,
    /** The caller interrupted the thread. */
    INTERRUPTED
  }

  /**
   * An answer.
   *
   * @param text without the prompt and without special tokens
   * @param ids what was drawn, a final end of text included
   * @param promptTokens tokens of the prompt
   * @param prompt time until the first token
   * @param decoding time from the first token to the last
   */
  public record Generation(
      String text, int[] ids, Finish finish, int promptTokens, Duration prompt, Duration decoding) {
    /** Tokens a second after the first; 0 if there was but one. */
    public double tokensPerSecond() {
      return ids.length < 2 ? 0 : (ids.length - 1) * 1e9 / Math.max(1, decoding.toNanos());
    }
  }

  private final Decoder decoder;
  private final ModelParameters parameters;
  private final Kernels kernels;
  private final Tokenizer tokenizer;
  private final OptionalInt bos;
  private final Optional<Integer> eos;

  /**
   * @param eos ends an answer
   */
  public Generator(
      Decoder decoder,
      ModelParameters parameters,
      Kernels kernels,
      Tokenizer tokenizer,
      Optional<Integer> eos) {
    if (tokenizer.vocabularySize() > decoder.spec().vocabulary()) {
      throw new IllegalArgumentException(
          "generate: the tokenizer has %d tokens, the model %d; this tokenizer isn't the model's"
              .formatted(tokenizer.vocabularySize(), decoder.spec().vocabulary()));
    }
    if (decoder.spec().labels().isPresent()) {
      throw new IllegalArgumentException(
          "generate: this model scores sequences, it doesn't continue them; its head has %d scores"
              .formatted(decoder.spec().labels().get()));
    }
    this.decoder = decoder;
    this.parameters = parameters;
    this.kernels = kernels;
    this.tokenizer = tokenizer;
    this.bos = tokenizer.addsBos() ? tokenizer.bos() : OptionalInt.empty();
    this.eos = eos;
  }

  /**
   * Continues {@code prompt}.
   *
   * @param stream gets the text as it becomes certain; the pieces make up {@link Generation#text}
   * @throws IllegalArgumentException if the prompt is empty (and the model has no BOS) or fills the
   *     context
   */
  public Generation generate(String prompt, Sampling sampling, Consumer<String> stream) {
    return generate(prompt, List.of(), sampling, stream);
  }

  /**
   * Continues {@code prompt}, in which an image token (LLaVA: {@code <image>}) stands for each of
   * the images, in their order.
   *
   * @param images normalised, as an {@link dev.gamelan.model.vision.ImageProcessor} gives them
   * @throws IllegalArgumentException if the model reads none, or the prompt has more or fewer image
   *     tokens than there are images
   */
  public Generation generate(
      String prompt, List<Tensor> images, Sampling sampling, Consumer<String> stream) {
    long start = System.nanoTime();
    int[] ids = withImages(promptIds(prompt), images.size());
    int context = decoder.spec().context();
    if (ids.length >= context) {
      throw new IllegalArgumentException(
          "generate: the prompt has %d tokens, the model's context is %d; shorten it to %d at most"
              .formatted(ids.length, context, context - 1));
    }
    Optional<Tensor> features =
        images.isEmpty()
            ? Optional.empty()
            : decoder
                .vision()
                .map(tower -> new VisionPass(tower, parameters, kernels).features(images));
    int room = Math.min(sampling.maxTokens(), context - ids.length);
    KvCache cache = new KvCache(decoder.spec(), kernels, (long) ids.length + room, 1);
    Inference inference = new Inference(decoder, parameters, kernels, cache, 1);
    Sampler sampler = new Sampler(sampling);
    Arrays.stream(ids).forEach(sampler::saw);
    Answer answer = new Answer(sampling, stream, prompt.isEmpty());
    int[] drawn = new int[room];
    int n = 0;
    long first = start;
    Finish finish = room < sampling.maxTokens() ? Finish.CONTEXT_FULL : Finish.MAX_TOKENS;
    try (Sequence sequence = new Sequence(cache)) {
      Tensor logits = inference.feed(sequence, ids, features);
      while (n < room) {
        int token = sampler.next(legal(logits), n);
        first = n == 0 ? System.nanoTime() : first;
        drawn[n++] = token;
        if (eos.isPresent() && token == eos.get()) {
          finish = Finish.END_OF_TEXT;
          break;
        }
        sampler.saw(token);
        if (answer.add(token)) {
          finish = Finish.STOP_STRING;
          break;
        }
        if (Thread.currentThread().isInterrupted()) {
          finish = Finish.INTERRUPTED;
          break;
        }
        if (n < room) {
          logits = inference.feed(sequence, new int[] {token});
        }
      }
    }
    String text = answer.finish(finish == Finish.STOP_STRING);
    long end = System.nanoTime();
    return new Generation(
        text,
        Arrays.copyOf(drawn, n),
        finish,
        ids.length,
        Duration.ofNanos(first - start),
        Duration.ofNanos(end - first));
  }

  private int[] promptIds(String prompt) {
    int[] text = tokenizer.encode(prompt, Tokenizer.Special.PARSE);
    boolean add = bos.isPresent() && (text.length == 0 || text[0] != bos.getAsInt());
    if (!add) {
      if (text.length == 0) {
        throw new IllegalArgumentException(
            "generate: the prompt is empty and the model has no token to begin with; give it a word");
      }
      return text;
    }
    int[] ids = new int[text.length + 1];
    ids[0] = bos.getAsInt();
    System.arraycopy(text, 0, ids, 1, text.length);
    return ids;
  }

  /** Every image token as often as an image has features. */
  private int[] withImages(int[] ids, int images) {
    Optional<VisionSpec> vision = decoder.spec().vision();
    if (vision.isPresent()) {
      int token = vision.get().imageToken();
      String text =
          token < tokenizer.vocabularySize() ? tokenizer.decode(new int[] {token}) : "id " + token;
      return vision.get().expanded(ids, images, text);
    }
    if (images > 0) {
      throw new IllegalArgumentException(
          "generate: %d images were given; this model reads text only".formatted(images));
    }
    return ids;
  }

  /** The logits of ids that the tokenizer knows; padding rows of the head are never drawn. */
  private Tensor legal(Tensor logits) {
    return logits.columns(0, Math.min(logits.columns(), tokenizer.vocabularySize()));
  }

  /** Turns tokens into streamed text. */
  private final class Answer {
    private final IncrementalDetokenizer detokenizer;
    private final StopMatcher stops;
    private final Consumer<String> stream;
    private final StringBuilder text = new StringBuilder();

    Answer(Sampling sampling, Consumer<String> stream, boolean fromStart) {
      this.detokenizer =
          (fromStart
                  ? IncrementalDetokenizer.fromStart(tokenizer)
                  : IncrementalDetokenizer.continuing(tokenizer))
              .withoutSpecial();
      this.stops = new StopMatcher(sampling.stops());
      this.stream = stream;
    }

    /** Whether a stop string has come. */
    boolean add(int token) {
      emit(stops.add(detokenizer.add(token)));
      return stops.stopped();
    }

    String finish(boolean stopped) {
      if (!stopped) {
        emit(stops.add(detokenizer.finish()));
        emit(stops.finish());
      }
      return text.toString();
    }

    private void emit(String piece) {
      if (!piece.isEmpty()) {
        text.append(piece);
        stream.accept(piece);
      }
    }
  }
}
