package dev.gamelan.text.train;

import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.ByteAlphabet;
import dev.gamelan.text.bpe.IntList;
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
    WordCounting counting =
        new WordCounting(
            texts,
            () ->
                new PieceScanner(
                    options.specialTokens(), options.normalizer(), options.preTokenizer()));
    WordCounts words = counting.count(options.threads(), progress);
    if (words.size() == 0) {
      throw new IllegalArgumentException(
          "tokenizer training: the texts are empty; there is nothing to learn from");
    }
    return new Learning(words, progress).learn();
  }

  /** {@link #train(Iterator, TrainingProgress)} without reports. */
  public HfTokenizer train(Iterable<String> texts) throws InterruptedException {
    return train(texts.iterator(), TrainingProgress.NONE);
  }

  /** One run over counted words. */
  private final class Learning {
    private static final int REPORT_EVERY = 256;
    private final TrainingProgress progress;
    private final Map<String, Integer> ids = new HashMap<>();
    private final TokenBytes tokens = new TokenBytes();
    private final PairCounts pairs = new PairCounts();
    private final PairHeap heap = new PairHeap(pairs, tokens, options.ties());
    private final TokenRow row;
    private final IntList left = new IntList(1 << 12);
    private final IntList right = new IntList(1 << 12);
    // Pairs that a merge has made more frequent.
    private final IntList grown = new IntList(1 << 10);
    private int step;

    Learning(WordCounts words, TrainingProgress progress) {
      this.progress = progress;
      for (String special : options.specialTokens()) {
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
      row = new TokenRow(words, byteTokens, tokens);
    }

    HfTokenizer learn() throws InterruptedException {
      countPairs();
      int reported = 0;
      while (tokens.size() < options.vocabularySize()) {
        int pair = heap.poll(options.minFrequency());
        if (pair < 0) {
          break;
        }
        merge(pair);
        if (tokens.size() >= reported + REPORT_EVERY) {
          reported = tokens.size();
          progress.merging(tokens.size(), options.vocabularySize());
          if (Thread.interrupted()) {
            throw new InterruptedException("tokenizer training was interrupted");
          }
        }
      }
      progress.merging(tokens.size(), options.vocabularySize());
      return new HfTokenizer(spec());
    }

    private void countPairs() {
      for (int place = 1; place + 1 < row.length(); place++) {
        int a = row.at(place);
        int b = row.at(place + 1);
        if (a >= 0 && b >= 0) {
          int pair = pairs.index(a, b);
          pairs.add(pair, row.count(place));
          pairs.addPlace(pair, place);
        }
      }
      for (int pair = 0; pair < pairs.size(); pair++) {
        heap.push(pair);
      }
    }

    private void merge(int pair) {
      int a = pairs.left(pair);
      int b = pairs.right(pair);
      byte[] bytes = tokens.concat(a, b);
      String name = ByteAlphabet.write(bytes);
      if (options.specialTokens().contains(name)) {
        // Text must not be able to spell a special token.
        pairs.setCount(pair, 0);
        pairs.forgetPlaces(pair);
        return;
      }
      int merged = ids.computeIfAbsent(name, _ -> tokens.add(bytes));
      if (pairs.becomesMerge(pair)) {
        left.add(a);
        right.add(b);
      }
      step++;
      int[] places = pairs.places(pair);
      int n = pairs.placeCount(pair);
      pairs.forgetPlaces(pair);
      grown.clear();
      for (int i = 0; i < n; i++) {
        int place = places[i];
        if (row.at(place) == a) {
          int next = row.next(place);
          if (row.at(next) == b) {
            replace(place, next, a, b, merged);
          }
        }
      }
      pairs.setCount(pair, 0);
      for (int i = 0; i < grown.size(); i++) {
        if (pairs.count(grown.at(i)) >= options.minFrequency()) {
          heap.push(grown.at(i));
        }
      }
    }

    private void replace(int place, int next, int a, int b, int merged) {
      long count = row.count(place);
      int before = row.previous(place);
      int after = row.next(next);
      row.merge(place, next, merged);
      int l = row.at(before);
      if (l >= 0) {
        pairs.add(pairs.index(l, a), -count);
        grow(pairs.index(l, merged), before, count);
      }
      int r = row.at(after);
      if (r >= 0) {
        pairs.add(pairs.index(b, r), -count);
        grow(pairs.index(merged, r), place, count);
      }
    }

    private void grow(int pair, int place, long count) {
      // One entry in the heap for every pair that a merge makes grow, not for every place.
      if (pairs.mark(pair, step)) {
        grown.add(pair);
      }
      pairs.add(pair, count);
      pairs.addPlace(pair, place);
    }

    private TokenizerSpec spec() {
      Vocabulary vocabulary = Vocabulary.of(ids);
      BpeSpec model = BpeSpec.byteLevel(vocabulary, left.toArray(), right.toArray());
      List<AddedToken> added = new ArrayList<>();
      for (String special : options.specialTokens()) {
        added.add(AddedToken.special(added.size(), special));
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
          Optional.of(options.preTokenizer()),
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
}
