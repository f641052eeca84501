package dev.gamelan.text.word;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.bpe.WordModel;
import dev.gamelan.text.bpe.Workspace;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;

/** Whole words as tokens; a word that is none is unknown. */
public final class WordLevel implements WordModel {
  private final ByteTrie words = new ByteTrie();
  private final int unk;

  /**
   * A model.
   *
   * @throws InvalidTokenizerException if {@code unk} isn't in the vocabulary
   */
  public WordLevel(Vocabulary vocabulary, String unk) {
    this.unk = unknown(vocabulary, unk);
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.has(id)) {
        words.put(Utf8.encode(vocabulary.name(id)), id);
      }
    }
  }

  static int unknown(Vocabulary vocabulary, String unk) {
    return vocabulary
        .id(unk)
        .orElseThrow(
            () ->
                new InvalidTokenizerException(
                    "model: the unk_token \"" + unk + "\" is not in the vocabulary"));
  }

  @Override
  public Workspace workspace() {
    return new Workspace();
  }

  @Override
  public void encode(byte[] text, int from, int to, Workspace work) {
    int id = words.find(text, from, to);
    work.ids.add(id == ByteTrie.NONE ? unk : id);
  }
}
