package dev.gamelan.text.hf;

import dev.gamelan.text.split.Pieces;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts texts into the pieces that a tokenizer would see, for those who count them: special tokens
 * are taken out, the rest is normalized and cut. For one thread at a time.
 */
public final class PieceScanner {
  /** Takes pieces. */
  public interface Sink {
    /** One piece, {@code text[from, to)}; the array may be changed after the call. */
    void piece(byte[] text, int from, int to);
  }

  private final TokenMatcher specials;
  private final Optional<TextNormalizer> normalizer;
  private final Cutter cutter;
  private final boolean independentLines;
  private final Pieces one = new Pieces();
  private final Pieces other = new Pieces();

  /** A scanner of a pipeline. */
  public PieceScanner(
      List<String> specialTokens, Optional<TextNormalizer> normalizer, PreTokenizer preTokenizer) {
    List<AddedToken> tokens = new ArrayList<>();
    specialTokens.forEach(name -> tokens.add(AddedToken.special(tokens.size(), name)));
    this.specials = new TokenMatcher(tokens, token -> Utf8.encode(token.content()));
    this.normalizer = normalizer;
    this.cutter = new Cutter(java.util.Optional.of(preTokenizer));
    this.independentLines =
        cutter.independentLines()
            && specialTokens.stream().noneMatch(name -> name.indexOf('\n') >= 0)
            && normalizer.stream().allMatch(n -> n instanceof TextNormalizer.Unicode);
  }

  /**
   * Whether a text may be cut in two after a newline that stands between two characters that are no
   * white space, without changing any piece.
   */
  public boolean independentLines() {
    return independentLines;
  }

  /** Gives every piece of {@code text} to {@code sink}, in order; the number of bytes read. */
  public long scan(String text, Sink sink) {
    byte[] raw = Utf8.encode(text);
    TokenMatcher.Match match = new TokenMatcher.Match();
    int at = 0;
    while (!specials.isEmpty() && specials.find(raw, 0, at, raw.length, match)) {
      scan(raw, at, match.start, sink);
      at = match.end;
    }
    scan(raw, at, raw.length, sink);
    return raw.length;
  }

  private void scan(byte[] text, int from, int to, Sink sink) {
    if (normalizer.isPresent() && !normalizer.get().leavesAlone(text, from, to)) {
      text = normalizer.get().apply(text, from, to);
      from = 0;
      to = text.length;
    }
    if (from == to) {
      return;
    }
    Pieces pieces = cutter.cut(text, from, to, true, one, other);
    for (int i = 0; i < pieces.size(); i++) {
      if (!pieces.dropped(i)) {
        sink.piece(pieces.text(), pieces.start(i), pieces.end(i));
      }
    }
  }
}
