package dev.gamelan.text.train;

import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.convert.SentencePieceSpec;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpModel.Kind;
import dev.gamelan.text.sp.SpModel.Piece;
import dev.gamelan.text.unicode.CharsMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Learns vocabularies of SentencePiece's kind (Kudo and Richardson, 2018), by merges or as a
 * unigram model. The same texts and options give the same vocabulary, whatever their order and the
 * number of threads.
 */
public final class PieceTrainer {
  private final PieceTrainingOptions options;

  /** With these options. */
  public PieceTrainer(PieceTrainingOptions options) {
    this.options = options;
  }

  /**
   * Learns from {@code texts}, which are read once, in order, by one thread at a time.
   *
   * @param disk where words are counted, if not in memory
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalArgumentException if the texts hold no word at all, the vocabulary has no room
   *     for their characters, or the folder holds counts of other texts or options
   * @throws java.io.UncheckedIOException if the folder can't be written or read
   */
  public SpModel train(
      Iterator<String> texts, Optional<DiskCounting> disk, TrainingProgress progress)
      throws InterruptedException {
    String settings =
        "SentencePiece words, special tokens %s, %s, dummy prefix %s, digits split %s, scripts split"
                .formatted(
                    options.allSpecialTokens(),
                    options.normalizer(),
                    options.dummyPrefix(),
                    options.splitDigits())
            + " %s, runs of spaces %s, %s"
                .formatted(options.splitScripts(), options.spaceRuns(), options.science());
    WordCounts all =
        CountedWords.of(
            texts, () -> new SentenceScanner(options), settings, options.threads(), disk, progress);
    PieceAlphabet alphabet = new PieceAlphabet(all, options.coverage());
    WordCounts words = alphabet.covered(all);
    List<Piece> pieces = meta();
    int wanted = options.vocabularySize() - pieces.size();
    int characters = alphabet.characters().size();
    if (wanted < characters) {
      throw new IllegalArgumentException(
          ("tokenizer training: a vocabulary of %d has no room for %d control, byte and science"
                  + " tokens and the text's %d characters; give at least %d, or a lower coverage"
                  + " than %s")
              .formatted(
                  options.vocabularySize(),
                  pieces.size(),
                  characters,
                  pieces.size() + characters,
                  options.coverage()));
    }
    Set<String> taken = new HashSet<>();
    pieces.forEach(piece -> taken.add(piece.name()));
    switch (options.algorithm()) {
      case BPE -> {
        int rank = 0;
        for (String name : PieceMerges.learn(words, alphabet, wanted, options, progress)) {
          if (taken.add(name)) {
            pieces.add(new Piece(name, -rank++, Kind.NORMAL));
          }
        }
      }
      case UNIGRAM -> {
        for (UnigramLearning.Piece each :
            new UnigramLearning(words, alphabet, wanted, options, progress).learn()) {
          if (taken.add(each.name())) {
            pieces.add(new Piece(each.name(), (float) each.score(), Kind.NORMAL));
          }
        }
      }
    }
    return new SpModel(
        options.algorithm(),
        pieces,
        CharsMap.of(new byte[0]),
        options.dummyPrefix(),
        false,
        true,
        false,
        " \u2047 ",
        control("<s>"),
        control("</s>"));
  }

  /**
   * A vocabulary that {@link #train} has learnt as {@code tokenizer.json} says it, with these
   * options' normalizer and science tokens.
   */
  public HfTokenizer tokenizer(SpModel learnt) {
    Set<String> markers =
        Set.copyOf(options.science().map(ScienceTokens::markers).orElse(List.of()));
    TokenizerSpec spec = SentencePieceSpec.of(learnt, markers);
    List<TextNormalizer> normalizers = new ArrayList<>();
    options.normalizer().ifPresent(normalizers::add);
    spec.normalizer().ifPresent(normalizers::add);
    ModelSpec model = spec.model();
    Optional<PreTokenizer> cutting = spec.preTokenizer();
    if (options.science().isPresent()) {
      ScienceTokens science = options.science().get();
      cutting =
          Optional.of(new PreTokenizer.Sequence(List.of(science.spans(), science.characters())));
      model =
          switch (model) {
            // Markers are whole pieces, which no merges make.
            case ModelSpec.Bpe(BpeSpec bpe) -> new ModelSpec.Bpe(bpe.withIgnoreMerges());
            case ModelSpec.Unigram _, ModelSpec.WordPiece _, ModelSpec.WordLevel _ -> model;
          };
    }
    return new HfTokenizer(
        new TokenizerSpec(
            spec.addedTokens(),
            Optional.of(new TextNormalizer.Sequence(normalizers)),
            cutting,
            model,
            spec.postProcessor(),
            spec.decoder(),
            spec.truncation(),
            spec.padding(),
            spec.bos(),
            spec.eos()));
  }

  private OptionalInt control(String name) {
    int id = options.controls().indexOf(name);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private List<Piece> meta() {
    List<Piece> pieces = new ArrayList<>();
    for (String name : options.controls()) {
      pieces.add(new Piece(name, 0, pieces.isEmpty() ? Kind.UNKNOWN : Kind.CONTROL));
    }
    if (options.science().isPresent()) {
      ScienceTokens science = options.science().get();
      for (String name : science.marks()) {
        pieces.add(new Piece(name, 0, Kind.USER_DEFINED));
      }
      for (String name : science.markers()) {
        pieces.add(new Piece(name, 0, Kind.USER_DEFINED));
      }
    }
    for (int b = 0; options.byteFallback() && b < 256; b++) {
      pieces.add(new Piece("<0x%02X>".formatted(b), 0, Kind.BYTE));
    }
    return pieces;
  }
}
