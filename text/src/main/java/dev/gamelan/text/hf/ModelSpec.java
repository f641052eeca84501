package dev.gamelan.text.hf;

import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.word.UnigramSpec;

/** How pieces become tokens: {@code model} of tokenizer.json. */
public sealed interface ModelSpec {
  /** Names and ids. */
  Vocabulary vocabulary();

  /** Byte-pair encoding: of bytes behind the pre-tokenizer ByteLevel, else of characters. */
  record Bpe(BpeSpec spec) implements ModelSpec {
    @Override
    public Vocabulary vocabulary() {
      return spec.vocabulary();
    }
  }

  /** A unigram language model. */
  record Unigram(UnigramSpec spec) implements ModelSpec {
    @Override
    public Vocabulary vocabulary() {
      return spec.vocabulary();
    }
  }

  /**
   * Longest tokens first.
   *
   * @param vocabulary names and ids
   * @param unk the name of what stands for unknown words
   * @param prefix what names of tokens that go on a word begin with
   * @param longest words of more characters are unknown
   */
  record WordPiece(Vocabulary vocabulary, String unk, String prefix, int longest)
      implements ModelSpec {}

  /** Whole words; {@code unk} stands for unknown ones. */
  record WordLevel(Vocabulary vocabulary, String unk) implements ModelSpec {}
}
