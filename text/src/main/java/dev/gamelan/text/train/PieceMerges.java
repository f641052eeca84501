package dev.gamelan.text.train;

import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * SentencePiece's BPE training: of equally frequent pairs the one of fewer characters comes first,
 * then the one first in the order of code points; a token is made one way only.
 */
final class PieceMerges {
  private PieceMerges() {}

  /** Names of the merged tokens in order, then those of the characters. */
  static List<String> learn(
      WordCounts words,
      PieceAlphabet alphabet,
      int wanted,
      PieceTrainingOptions options,
      TrainingProgress progress)
      throws InterruptedException {
    TokenBytes tokens = new TokenBytes();
    List<String> characters = new ArrayList<>();
    Map<Integer, Integer> ids = new HashMap<>();
    for (int c : alphabet.characters()) {
      String name = Character.toString(c);
      characters.add(name);
      ids.put(c, tokens.add(Utf8.encode(name)));
    }
    TokenRow row = new TokenRow(words, (text, at) -> ids.get(Utf8.codePoint(text, at)), tokens);
    List<String> merged = new ArrayList<>();
    Set<String> known = new HashSet<>(characters);
    List<Integer> lengths = new ArrayList<>();
    characters.forEach(_ -> lengths.add(1));
    Merging.Rule rule =
        (left, right) -> {
          byte[] joined = tokens.concat(left, right);
          String name = Utf8.decode(joined);
          if (!PieceRules.allows(name, options) || !known.add(name)) {
            return Merging.Rule.NEVER;
          }
          merged.add(name);
          lengths.add(name.codePointCount(0, name.length()));
          return tokens.add(joined);
        };
    PairHeap.Order order =
        (leftA, rightA, leftB, rightB) -> {
          int c =
              Integer.compare(
                  lengths.get(leftA) + lengths.get(rightA),
                  lengths.get(leftB) + lengths.get(rightB));
          return (c != 0
                  ? c
                  : Arrays.compareUnsigned(
                      tokens.concat(leftA, rightA), tokens.concat(leftB, rightB)))
              < 0;
        };
    new Merging(row, tokens, order, options.minFrequency(), rule).run(wanted, progress);
    merged.addAll(characters);
    return merged;
  }
}
