package dev.gamelan.model.generate;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.RowRotary;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.CachedAttention;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Feeds tokens of one or many sequences through a decoder and its cache: prefill and decoding are
 * the same pass with more or fewer rows. The logits of a sequence don't depend on who else rides in
 * the pass, nor on how its tokens were cut into passes.
 *
 * <p>Not safe for concurrent use.
 */
public final class Inference {
  /** Tokens a pass at most: longer feeds are cut by {@link #feed}. */
  public static final int CHUNK = 128;

  /** Step plans are kept for this many different numbers of rows. */
  private static final int KEPT_STEPS = 16;

  /**
   * Tokens to add to a sequence in a pass.
   *
   * @param tokens from {@code from} (inclusive) to {@code to} (exclusive)
   * @param features of images: the first row stands in place of the first image token among all
   *     {@code tokens}, and so on; where they are absent, an image token is a token as any other
   */
  public record Feed(Sequence sequence, int[] tokens, int from, int to, Optional<Tensor> features) {
    /** Text alone. */
    public Feed(Sequence sequence, int[] tokens, int from, int to) {
      this(sequence, tokens, from, to, Optional.empty());
    }
  }

  private record Shape(int rows, int logits, boolean images) {}

  private record Pass(
      Step step,
      Tensor tokens,
      Tensor positions,
      Tensor sequences,
      List<Tensor> tables,
      Optional<RowRotary> rotation,
      Tensor wanted,
      Optional<Tensor> features,
      Tensor logits) {}

  private final Decoder decoder;
  private final ModelParameters parameters;
  private final Kernels kernels;
  private final KvCache cache;
  private final int maxSequences;
  private final Map<Shape, Pass> passes =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Pass> eldest) {
          return size() > KEPT_STEPS;
        }
      };
  private MemorySegment arena = MemorySegment.NULL;
  private Optional<Step.Observer> observer = Optional.empty();

  /**
   * @param maxSequences sequences a pass at most
   */
  public Inference(
      Decoder decoder,
      ModelParameters parameters,
      Kernels kernels,
      KvCache cache,
      int maxSequences) {
    this.decoder = decoder;
    this.parameters = parameters;
    this.kernels = kernels;
    this.cache = cache;
    this.maxSequences = maxSequences;
  }

  /** From now on every op of a pass is timed and told of. */
  public void observe(Step.Observer observer) {
    this.observer = Optional.of(observer);
  }

  /**
   * Adds tokens to one sequence, in passes of {@link #CHUNK}.
   *
   * @return the logits [1, vocabulary] after the last; valid until the next call
   */
  public Tensor feed(Sequence sequence, int[] tokens) {
    return feed(sequence, tokens, Optional.empty());
  }

  /**
   * {@link #feed(Sequence, int[])} of a text with images.
   *
   * @param features [image tokens among the tokens, width], as {@link
   *     dev.gamelan.model.vision.VisionPass} gives them
   * @throws IllegalArgumentException if there are more or fewer image tokens than features
   */
  public Tensor feed(Sequence sequence, int[] tokens, Optional<Tensor> features) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("inference: no tokens were given; at least one is needed");
    }
    for (int from = 0; ; from += CHUNK) {
      int to = Math.min(tokens.length, from + CHUNK);
      Tensor logits = run(List.of(new Feed(sequence, tokens, from, to, features)));
      if (to == tokens.length) {
        return logits;
      }
    }
  }

  /**
   * Adds tokens to several sequences in one pass.
   *
   * @return logits [feeds, vocabulary] after the last token of each; valid until the next call
   * @throws IllegalArgumentException if a token is outside the vocabulary or a sequence would
   *     exceed the context
   */
  public Tensor run(List<Feed> feeds) {
    int[] last = new int[feeds.size()];
    int row = -1;
    for (int s = 0; s < last.length; s++) {
      row += feeds.get(s).to() - feeds.get(s).from();
      last[s] = row;
    }
    return run(feeds, last);
  }

  /**
   * Adds tokens to several sequences in one pass and gives the logits of any of its rows, for
   * scoring.
   *
   * @param wanted rows of the pass, which has the feeds' tokens one after the other, counted from
   *     0; at least one
   * @return logits [wanted, vocabulary]; valid until the next call
   * @throws IllegalArgumentException as {@link #run(List)}, or a row is outside the pass
   */
  public Tensor run(List<Feed> feeds, int[] wanted) {
    int rows = 0;
    for (Feed feed : feeds) {
      check(feed);
      rows += feed.to() - feed.from();
    }
    for (int row : wanted) {
      if (row < 0 || row >= rows) {
        throw new IllegalArgumentException(
            "inference: the logits of row %d are wanted of a pass of %d rows".formatted(row, rows));
      }
    }
    if (feeds.size() > maxSequences) {
      throw new IllegalArgumentException(
          "inference: %d sequences in a pass; this one was made for %d"
              .formatted(feeds.size(), maxSequences));
    }
    boolean images = feeds.stream().anyMatch(f -> f.features().isPresent());
    Pass pass = pass(new Shape(rows, wanted.length, images));
    // All pages or none: a full cache must not leave some sequences longer than what was computed.
    for (Feed feed : feeds) {
      feed.sequence().reserve(feed.to() - feed.from());
    }
    int row = 0;
    for (int s = 0; s < feeds.size(); s++) {
      Feed feed = feeds.get(s);
      rotate(pass, row, feed);
      int position = feed.sequence().length();
      feed.sequence().extend(feed.to() - feed.from());
      int feature = feed.features().isPresent() ? imageTokens(feed.tokens(), feed.from()) : 0;
      for (int i = feed.from(); i < feed.to(); i++, row++, position++) {
        boolean image = feed.features().isPresent() && feed.tokens()[i] == imageToken();
        pass.tokens.setInt(0, row, image ? -1 : feed.tokens()[i]);
        if (images) {
          Tensor to = pass.features.orElseThrow().rows(row, row + 1);
          if (image) {
            kernels.copy(feed.features().get().rows(feature, feature + 1), to);
            feature++;
          } else {
            kernels.fill(to, 0);
          }
        }
        pass.positions.setInt(0, row, position);
        pass.sequences.setInt(0, row, s);
      }
      for (int pool = 0; pool < pass.tables.size(); pool++) {
        for (int p = 0; p * KvCache.PAGE_SIZE < feed.sequence().length(); p++) {
          pass.tables.get(pool).setInt(s, p, feed.sequence().page(pool, p));
        }
      }
    }
    for (int i = 0; i < wanted.length; i++) {
      pass.wanted.setInt(0, i, wanted[i]);
    }
    if (observer.isPresent()) {
      pass.step.run(observer.get());
    } else {
      pass.step.forward();
    }
    kernels.finish();
    for (Feed feed : feeds) {
      feed.sequence().forgetWhatWindowsLeft();
    }
    return pass.logits;
  }

  /**
   * Fills the rotation of a feed's rows. Where it depends on the length, that is the sequence's
   * once all tokens of the feed are there, however they are cut into passes.
   */
  private static void rotate(Pass pass, int row, Feed feed) {
    if (pass.rotation.isEmpty()) {
      return;
    }
    RowRotary rotation = pass.rotation.get();
    Sequence sequence = feed.sequence();
    int now = sequence.length() + feed.tokens().length - feed.from();
    int length = rotation.length(sequence.rotationLength(), now);
    sequence.rotatedBy(length);
    for (int i = 0; i < feed.to() - feed.from(); i++) {
      rotation.fill(pass.step, row + i, sequence.length() + i, length);
      rotation.take(pass.step, row + i, row + i);
    }
  }

  private int imageToken() {
    return decoder.spec().vision().orElseThrow().imageToken();
  }

  /** Image tokens before {@code end}. */
  private int imageTokens(int[] tokens, int end) {
    int image = imageToken();
    int count = 0;
    for (int i = 0; i < end; i++) {
      count += tokens[i] == image ? 1 : 0;
    }
    return count;
  }

  private void check(Feed feed) {
    DecoderSpec spec = decoder.spec();
    if (feed.features().isPresent()) {
      if (spec.vision().isEmpty()) {
        throw new IllegalArgumentException(
            "inference: features of images were given; this model reads none");
      }
      Tensor features = feed.features().get();
      int wanted = imageTokens(feed.tokens(), feed.tokens().length);
      if (features.rows() != wanted || features.columns() != spec.width()) {
        throw new IllegalArgumentException(
            "inference: features %s for %d image tokens (%d); they must be [%d, %d]"
                .formatted(features.shape(), wanted, imageToken(), wanted, spec.width()));
      }
    }
    int length = feed.sequence().length() + feed.to() - feed.from();
    if (length > spec.context()) {
      throw new IllegalArgumentException(
          "inference: the sequence would have %d tokens, the model's context is %d; shorten the prompt or ask for fewer tokens"
              .formatted(length, spec.context()));
    }
    for (int i = feed.from(); i < feed.to(); i++) {
      int token = feed.tokens()[i];
      if (token < 0 || token >= spec.vocabulary()) {
        throw new IllegalArgumentException(
            "inference: token %d at %d is outside the model's vocabulary of %d; is this its tokenizer?"
                .formatted(token, i, spec.vocabulary()));
      }
    }
  }

  private Pass pass(Shape shape) {
    Pass known = passes.get(shape);
    if (known != null) {
      return known;
    }
    Pass pass = record(shape);
    passes.put(shape, pass);
    return pass;
  }

  private Pass record(Shape shape) {
    int pages = (decoder.spec().context() + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE;
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    Value tokens = tape.input("tokens", DType.I32, 1, shape.rows());
    Value positions = tape.input("positions", DType.I32, 1, shape.rows());
    Value sequences = tape.input("sequences", DType.I32, 1, shape.rows());
    List<Value> tables = new ArrayList<>();
    List<CachedAttention.Rows> rows = new ArrayList<>();
    for (int pool = 0; pool < cache.pools().size(); pool++) {
      Value table = tape.input("tables", DType.I32, maxSequences, pages);
      tables.add(table);
      rows.add(new CachedAttention.Rows(positions, sequences, table));
    }
    Optional<RowRotary> rotation = RowRotary.of(tape, decoder.spec(), shape.rows(), shape.rows());
    Value wanted = tape.input("wanted", DType.I32, 1, shape.logits());
    Optional<Value> features =
        shape.images()
            ? Optional.of(
                tape.input("image features", DType.F32, shape.rows(), decoder.spec().width()))
            : Optional.empty();
    Value hidden =
        decoder.hidden(
            tape,
            tokens,
            features,
            positions,
            rotation,
            name -> false,
            (t, layer, qkv, attention) ->
                CachedAttention.apply(
                    t, qkv, attention, rows.get(cache.poolOf(layer)), cache.layer(layer)),
            routed -> {});
    Value logits =
        tape.keep(decoder.logits(tape, SelectRows.apply(tape, hidden, wanted), name -> false));
    Plan plan = Plan.of(tape);
    if (arena.byteSize() < plan.bytes()) {
      passes.clear();
      arena = kernels.allocate(Arena.ofAuto(), plan.bytes());
    }
    Step step = new Step(plan, kernels, parameters, arena);
    return new Pass(
        step,
        step.tensor(tokens),
        step.tensor(positions),
        step.tensor(sequences),
        tables.stream().map(step::tensor).toList(),
        rotation,
        step.tensor(wanted),
        features.map(step::tensor),
        step.tensor(logits));
  }
}
