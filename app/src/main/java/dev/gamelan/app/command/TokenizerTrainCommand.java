package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.VocabularyProgress;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.DiskCounting;
import dev.gamelan.text.train.PieceTrainer;
import dev.gamelan.text.train.PieceTrainingOptions;
import dev.gamelan.text.train.ScienceTokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan tokenizer train}. */
@Command(
    name = "train",
    customSynopsis = "gamelan tokenizer train --text PATH... --out FOLDER [OPTIONS]",
    description = "Learn a vocabulary from texts, and save it as tokenizer.json.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer train --text corpus/ --vocab 8192 --out runs/tokenizer",
      "  gamelan tokenizer train --text a.jsonl.zst b.txt --vocab 32000 --split-digits"
          + " --special '<|endoftext|>' --special '<|user|>' --out chat-tokenizer",
      "  gamelan tokenizer train --algorithm unigram --text corpus/ --out runs/unigram",
      "  gamelan tokenizer train --sentencepiece --coverage 0.999 --text corpus/ --out runs/pieces",
      "  gamelan tokenizer train --science --reserve 100 --text papers/ --out runs/science",
      "  gamelan tokenizer train --counts /data/counts --text huge/ --vocab 128000 --out runs/large",
      "",
      "The same texts and options give the same file. Hugging Face's tokenizers reads it."
    })
final class TokenizerTrainCommand extends Stage {
  enum Algorithm {
    bpe,
    unigram
  }

  @Mixin private CorpusArguments corpus;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = "Where tokenizer.json goes.")
  private Path out;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "bpe",
      description =
          "How the vocabulary is learnt: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). BPE is"
              + " of bytes unless --sentencepiece is given; unigrams are always of SentencePiece's"
              + " kind.")
  private Algorithm algorithm;

  @Option(
      names = "--vocab",
      defaultValue = "32000",
      paramLabel = "N",
      description =
          "How many ids, special tokens, bytes and characters included (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--min-frequency",
      paramLabel = "N",
      description = "How often a pair must occur to be merged (default: 2; BPE only).")
  private Optional<Long> minFrequency = Optional.empty();

  @Option(
      names = "--special",
      paramLabel = "TOKEN",
      description = {
        "A special token; may be given several times (default: <|endoftext|>; for SentencePiece's"
            + " kind, none beside <unk>, <s> and </s>)."
      })
  private List<String> specials = new ArrayList<>();

  @Option(
      names = "--reserve",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Reserve so many ids as special tokens for later, <|reserved_special_token_0|> and on"
            + " (default: ${DEFAULT-VALUE})."
      })
  private int reserve;

  @Option(names = "--split-digits", description = "Make every digit a token of its own.")
  private boolean splitDigits;

  @Option(
      names = "--science",
      description = {
        "Galactica's tokens: marks of references, working, sub- and superscripts; SMILES, proteins"
            + " and DNA one character a token between their markers, [START_SMILES] … [END_SMILES]"
            + " and so on; and every digit a token of its own."
      })
  private boolean science;

  @Option(
      names = "--pattern",
      paramLabel = "REGEX",
      description = "Cut texts into pieces by this expression (default: GPT-2's; bytes only).")
  private Optional<String> pattern = Optional.empty();

  @Option(
      names = "--normalize",
      paramLabel = "FORM",
      description = "Normalize texts first: ${COMPLETION-CANDIDATES} (default: leave them alone).")
  private Optional<Normalizer.Form> form = Optional.empty();

  @ArgGroup(exclusive = false, heading = "%nVocabularies of SentencePiece's kind:%n")
  private PieceArguments pieces = new PieceArguments();

  @ArgGroup(exclusive = false, heading = "%nCorpora larger than memory:%n")
  private CountArguments counts = new CountArguments();

  @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
  private Optional<Integer> threads = Optional.empty();

  @Option(names = "--replace", description = "Replace a tokenizer that is there already.")
  private boolean replace;

  /** What only vocabularies of SentencePiece's kind know. */
  private static final class PieceArguments {
    @Option(
        names = "--sentencepiece",
        description = {
          "Learn tokens of characters, with spaces written U+2581, as SentencePiece does, rather than"
              + " of bytes."
        })
    private boolean sentencePiece;

    @Option(
        names = "--coverage",
        paramLabel = "SHARE",
        description = "What share of all characters must be tokens (default: 0.9995).")
    private Optional<Double> coverage = Optional.empty();

    @Option(
        names = "--no-byte-fallback",
        description = "Make characters that are no token <unk>, not the tokens of their bytes.")
    private boolean noByteFallback;

    @Option(
        names = "--dummy-prefix",
        description = "Put a space before every text, as LLaMA's does.")
    private boolean dummyPrefix;

    @Option(
        names = "--mix-scripts",
        description = "Let tokens join letters of several scripts, digits and punctuation.")
    private boolean mixScripts;

    @Option(
        names = "--longest",
        paramLabel = "N",
        description = "The most characters of a token (default: 16).")
    private Optional<Integer> longest = Optional.empty();
  }

  /** Where words are counted. */
  private static final class CountArguments {
    @Option(
        names = "--counts",
        paramLabel = "FOLDER",
        description = {
          "Count words on disk, in this folder, so that memory is bounded; interrupted, the same"
              + " command goes on where counting stopped. Removed when the tokenizer is saved."
        })
    private Optional<Path> folder = Optional.empty();

    @Option(
        names = "--counts-memory",
        paramLabel = "BYTES",
        converter = ByteCount.class,
        description = "What the tables of words may take (default: 1G).")
    private Optional<Long> memory = Optional.empty();

    @Option(
        names = "--least-count",
        paramLabel = "N",
        description = "Leave out words that occur fewer times (default: 1, none).")
    private Optional<Long> least = Optional.empty();
  }

  TokenizerTrainCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Path file = out.resolve("tokenizer.json");
    if (Files.exists(file) && !replace) {
      throw badUsage(file + " exists; choose another --out, or give --replace");
    }
    check();
    boolean byPieces = pieces.sentencePiece || algorithm == Algorithm.unigram;
    long began = System.nanoTime();
    Optional<DiskCounting> disk = disk();
    HfTokenizer tokenizer;
    try (DocumentStream documents = corpus.source().open();
        VocabularyProgress watch = new VocabularyProgress(shell(), corpus.bytes())) {
      if (byPieces) {
        PieceTrainer trainer = new PieceTrainer(pieceOptions());
        tokenizer = trainer.tokenizer(trainer.train(documents.texts(), disk, watch));
      } else {
        tokenizer = new BpeTrainer(byteOptions()).train(documents.texts(), disk, watch);
      }
      if (documents.skipped().counts().size() > 0) {
        watch.say("gamelan: tokenizer train: " + documents.skipped());
      }
    }
    tokenizer.save(out);
    if (disk.isPresent()) {
      disk.get().delete();
    }
    if (tokenizer.vocabularySize() < vocabulary) {
      shell()
          .err()
          .printf(
              "gamelan: tokenizer train: the texts have %s for %d tokens only, not %d%n",
              algorithm == Algorithm.bpe ? "pairs" : "strings",
              tokenizer.vocabularySize(),
              vocabulary);
    }
    shell()
        .out()
        .printf(
            "%s: %d tokens, learnt in %s%n",
            file,
            tokenizer.vocabularySize(),
            Figures.time(Duration.ofNanos(System.nanoTime() - began)));
    return DONE;
  }

  private void check() {
    boolean unigram = algorithm == Algorithm.unigram;
    if (unigram && minFrequency.isPresent()) {
      throw badUsage("--min-frequency is about merges; a unigram model has none");
    }
    if (pattern.isPresent() && (unigram || pieces.sentencePiece)) {
      throw badUsage("--pattern cuts texts for BPE of bytes only; leave it out");
    }
    boolean given =
        pieces.coverage.isPresent()
            || pieces.noByteFallback
            || pieces.dummyPrefix
            || pieces.mixScripts
            || pieces.longest.isPresent();
    if (given && !unigram && !pieces.sentencePiece) {
      throw badUsage(
          "--coverage, --no-byte-fallback, --dummy-prefix, --mix-scripts and --longest are for"
              + " vocabularies of characters; give --sentencepiece as well");
    }
    if (counts.folder.isEmpty() && (counts.memory.isPresent() || counts.least.isPresent())) {
      throw badUsage(
          "--counts-memory and --least-count are about --counts FOLDER; give it as well");
    }
    if (reserve < 0) {
      throw badUsage("--reserve is %d; it must be 0 at least".formatted(reserve));
    }
  }

  private Optional<DiskCounting> disk() {
    return counts.folder.map(
        folder ->
            new DiskCounting(
                folder,
                counts.memory.orElse(1L << 30),
                counts.least.orElse(1L),
                corpus.settings().toString()));
  }

  private List<String> reserved() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < reserve; i++) {
      names.add("<|reserved_special_token_" + i + "|>");
    }
    return names;
  }

  private PieceTrainingOptions pieceOptions() {
    List<String> controls = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    specials.stream().filter(token -> !controls.contains(token)).forEach(controls::add);
    controls.addAll(reserved());
    PieceTrainingOptions options =
        PieceTrainingOptions.of(
                algorithm == Algorithm.unigram ? SpModel.Algorithm.UNIGRAM : SpModel.Algorithm.BPE,
                vocabulary)
            .withControls(controls)
            .withByteFallback(!pieces.noByteFallback)
            .withDummyPrefix(pieces.dummyPrefix)
            .withSplitScripts(!pieces.mixScripts)
            .withSplitDigits(splitDigits || science)
            .withScience(science ? Optional.of(ScienceTokens.galactica()) : Optional.empty());
    if (pieces.coverage.isPresent()) {
      options = options.withCoverage(pieces.coverage.get());
    }
    if (pieces.longest.isPresent()) {
      options = options.withLongestPiece(pieces.longest.get());
    }
    if (minFrequency.isPresent()) {
      options = options.withMinFrequency(minFrequency.get());
    }
    if (form.isPresent()) {
      options = options.withNormalizer(Optional.of(new TextNormalizer.Unicode(form.get())));
    }
    return threads.isPresent() ? options.withThreads(threads.get()) : options;
  }

  private BpeTrainingOptions byteOptions() {
    List<String> tokens = new ArrayList<>(specials.isEmpty() ? List.of("<|endoftext|>") : specials);
    tokens.addAll(reserved());
    BpeTrainingOptions options =
        BpeTrainingOptions.of(vocabulary)
            .withMinFrequency(minFrequency.orElse(2L))
            .withSpecialTokens(tokens);
    if (pattern.isPresent()) {
      options = options.withPattern(pattern.get());
    }
    if (splitDigits || science) {
      options = options.withSingleDigits();
    }
    if (science) {
      options = options.withScience(ScienceTokens.galactica());
    }
    if (form.isPresent()) {
      options = options.withNormalization(form.get());
    }
    return threads.isPresent() ? options.withThreads(threads.get()) : options;
  }
}
