package dev.gamelan.text.word;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.bpe.WordModel;
import dev.gamelan.text.bpe.Workspace;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;

/**
 * BERT's WordPiece: the longest token that a word begins with, then the longest that goes on; a
 * word that can't be covered so is unknown.
 */
public final class WordPiece implements WordModel {
  private final ByteTrie first = new ByteTrie();
  private final ByteTrie further = new ByteTrie();
  private final int unk;
  private final int longest;

  /**
   * A model.
   *
   * @param vocabulary names and ids
   * @param unk the name of what stands for unknown words
   * @param prefix what names of tokens that go on a word begin with
   * @param longest words of more characters are unknown
   * @throws InvalidTokenizerException if {@code unk} isn't in the vocabulary
   */
  public WordPiece(Vocabulary vocabulary, String unk, String prefix, int longest) {
    this.longest = longest;
    this.unk = WordLevel.unknown(vocabulary, unk);
    for (int id = 0; id < vocabulary.size(); id++) {
      if (!vocabulary.has(id)) {
        continue;
      }
      String name = vocabulary.name(id);
      if (!name.isEmpty()) {
        first.put(Utf8.encode(name), id);
      }
      if (name.startsWith(prefix) && name.length() > prefix.length()) {
        further.put(Utf8.encode(name.substring(prefix.length())), id);
      }
    }
  }

  @Override
  public Workspace workspace() {
    return new Workspace();
  }

  @Override
  public void encode(byte[] text, int from, int to, Workspace work) {
    int characters = 0;
    for (int i = from; i < to; i++) {
      characters += (text[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    int before = work.ids.size();
    ByteTrie trie = first;
    for (int at = from; at < to; trie = further) {
      int end = characters > longest ? ByteTrie.NONE : trie.longest(text, at, to);
      if (end == ByteTrie.NONE) {
        work.ids.truncate(before);
        work.ids.add(unk);
        return;
      }
      work.ids.add(trie.find(text, at, end));
      at = end;
    }
  }
}
