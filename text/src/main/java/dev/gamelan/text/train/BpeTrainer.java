package dev.gamelan.text.train;

import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.ByteAlphabet;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PieceScanner;
import dev.gamelan.text.hf.TokenizerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Learns a byte-level BPE vocabulary (Gage, 1994; Sennrich et al., 2016): again and again the most
 * frequent pair of neighbouring tokens becomes a token. Counts of pairs are kept up to date where a
 * merge happens, so that the work is in proportion to the text's different words, not to these
 * times the vocabulary. The same texts and options give the same tokenizer, whatever their order
 * and the number of threads.
 */
public final class BpeTrainer {
  private final BpeTrainingOptions options;

  /** With these options. */
  public BpeTrainer(BpeTrainingOptions options) {
    this.options = options;
  }

  /**
   * Learns from {@code texts}, which are read once, in order, by one thread at a time; only the
   * counts of different words are kept in memory.
   *
   * @throws InterruptedException if the calling thread is interrupted; nothing is left behind
   * @throws IllegalArgumentException if the texts hold no word at all
   */
  public HfTokenizer train(Iterator<String> texts, TrainingProgress progress)
      throws InterruptedException {
    return train(texts, Optional.empty(), progress);
  }

  /**
   * {@link #train(Iterator, TrainingProgress)} with words counted on disk.
   *
   * @throws java.io.UncheckedIOException if the folder can't be written or read
   * @throws IllegalArgumentException also if the folder holds counts of other texts or options
   */
  public HfTokenizer train(
      Iterator<String> texts, Optional<DiskCounting> disk, TrainingProgress progress)
      throws InterruptedException {
    String settings =
        "byte-level words, special tokens %s, %s, %s"
            .formatted(options.takenOut(), options.normalizer(), options.cutting());
    WordCounts words =
        CountedWords.of(texts, this::scanner, settings, options.threads(), disk, progress);
    return learn(words, progress);
  }

  private WordScanner scanner() {
    PieceScanner scanner =
        new PieceScanner(options.takenOut(), options.normalizer(), options.cutting());
    return new WordScanner() {
      @Override
      public boolean independentLines() {
        return scanner.independentLines();
      }

      @Override
      public long scan(String text, PieceScanner.Sink sink) {
        return options.science().isEmpty()
            ? scanner.scan(text, sink)
            : scanner.scan(text, (b, from, to) -> notMarkers(b, from, to, sink));
      }
    };
  }

  private void notMarkers(byte[] text, int from, int to, PieceScanner.Sink sink) {
    if (!options.science().get().isMarked(text, from, to)) {
      sink.piece(text, from, to);
    }
  }

  /** {@link #train(Iterator, TrainingProgress)} without reports. */
  public HfTokenizer train(Iterable<String> texts) throws InterruptedException {
    return train(texts.iterator(), TrainingProgress.NONE);
  }

  private HfTokenizer learn(WordCounts words, TrainingProgress progress)
      throws InterruptedException {
    Map<String, Integer> ids = new HashMap<>();
    TokenBytes tokens = new TokenBytes();
    List<String> named = options.named();
    for (String special : named) {
      // It holds its id; its bytes are never compared.
      ids.put(special, tokens.add(new byte[0]));
    }
    int[] byteTokens = new int[256];
    List<Integer> bytes = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      bytes.add(b);
    }
    // In the order of their characters, as published vocabularies have them.
    bytes.sort((a, b) -> Character.compare(ByteAlphabet.character(a), ByteAlphabet.character(b)));
    for (int b : bytes) {
      byteTokens[b] = tokens.add(new byte[] {(byte) b});
      ids.put(String.valueOf(ByteAlphabet.character(b)), byteTokens[b]);
    }
    TokenRow row = new TokenRow(words, (text, at) -> byteTokens[text[at] & 0xFF], tokens);
    Merging merging =
        new Merging(
            row,
            tokens,
            order(tokens),
            options.minFrequency(),
            (left, right) -> {
              byte[] joined = tokens.concat(left, right);
              String name = ByteAlphabet.write(joined);
              // Text must not be able to spell a special token.
              return named.contains(name)
                  ? Merging.Rule.NEVER
                  : ids.computeIfAbsent(name, _ -> tokens.add(joined));
            });
    merging.run(options.vocabularySize(), progress);
    return new HfTokenizer(spec(Vocabulary.of(ids), merging));
  }

  private PairHeap.Order order(TokenBytes tokens) {
    return switch (options.ties()) {
      case GREATEST_BYTES ->
          (leftA, rightA, leftB, rightB) -> {
            int c = tokens.compare(leftA, leftB);
            return (c != 0 ? c : tokens.compare(rightA, rightB)) > 0;
          };
      case LOWEST_IDS ->
          (leftA, rightA, leftB, rightB) -> {
            int c = Integer.compare(leftA, leftB);
            return (c != 0 ? c : Integer.compare(rightA, rightB)) < 0;
          };
    };
  }

  private TokenizerSpec spec(Vocabulary vocabulary, Merging merging) {
    // Markers of sequences are whole pieces, which no merges make.
    BpeSpec model =
        BpeSpec.ordered(
            vocabulary,
            merging.left(),
            merging.right(),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            options.science().isPresent());
    List<AddedToken> added = new ArrayList<>();
    for (String special : options.specialTokens()) {
      added.add(AddedToken.special(added.size(), special));
    }
    for (String mark : options.science().map(ScienceTokens::marks).orElse(List.of())) {
      added.add(ScienceTokens.added(added.size(), mark));
    }
    ObjectNode byteLevel = JsonNodeFactory.instance.objectNode();
    byteLevel
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    return new TokenizerSpec(
        added,
        options.normalizer(),
        Optional.of(options.cutting()),
        new ModelSpec.Bpe(model),
        Optional.of((JsonNode) byteLevel),
        Optional.of((JsonNode) byteLevel),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        options.specialTokens().contains("<|endoftext|>")
            ? Optional.of("<|endoftext|>")
            : Optional.empty());
  }
}
