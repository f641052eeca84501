package dev.gamelan.text.train;

import dev.gamelan.text.hf.PieceScanner;
import dev.gamelan.text.unicode.Utf8;
import java.lang.Character.UnicodeScript;

/**
 * Cuts texts into words as SentencePiece's trainers see them: lines get a space before them, spaces
 * are written U+2581 and begin words, and no token may reach over the cuts between scripts and
 * around digits. Newlines, tabs and other control characters are never part of a word, nor is what
 * stands inside science markers.
 */
final class SentenceScanner implements WordScanner {
  private static final byte[] MARK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};
  private static final int SPACE = 0x2581;
  private final PieceTrainingOptions options;
  // Takes special tokens and science spans out, and normalizes.
  private final PieceScanner scanner;
  private byte[] word = new byte[256];
  private int size;
  private UnicodeScript script = UnicodeScript.INHERITED;
  private boolean onlySpaces;

  SentenceScanner(PieceTrainingOptions options) {
    this.options = options;
    this.scanner =
        new PieceScanner(
            options.allSpecialTokens(),
            options.normalizer(),
            ScienceTokens.spans(options.science()));
  }

  @Override
  public boolean independentLines() {
    return options.normalizer().isEmpty()
        && options.science().isEmpty()
        && options.allSpecialTokens().stream().noneMatch(name -> name.indexOf('\n') >= 0);
  }

  @Override
  public long scan(String text, PieceScanner.Sink sink) {
    return scanner.scan(
        text,
        (bytes, from, to) -> {
          if (options.science().isEmpty() || !options.science().get().isMarked(bytes, from, to)) {
            words(bytes, from, to, sink);
          }
        });
  }

  private void words(byte[] text, int from, int to, PieceScanner.Sink sink) {
    boolean lineStart = true;
    start();
    for (int i = from; i < to; ) {
      int c = Utf8.codePoint(text, i);
      int length = Utf8.length(text[i]);
      if (c < ' ') {
        flush(sink);
        lineStart = true;
      } else if (c == ' ' || c == SPACE) {
        if (lineStart && options.dummyPrefix()) {
          space(sink);
        }
        space(sink);
        lineStart = false;
      } else {
        if (lineStart && options.dummyPrefix()) {
          space(sink);
        }
        lineStart = false;
        character(text, i, length, c, sink);
      }
      i += length;
    }
    flush(sink);
  }

  private void space(PieceScanner.Sink sink) {
    if (!(onlySpaces && options.spaceRuns())) {
      flush(sink);
      onlySpaces = true;
    }
    append(MARK, 0, MARK.length);
  }

  private void character(byte[] text, int at, int length, int c, PieceScanner.Sink sink) {
    boolean digit = c >= '0' && c <= '9';
    if (digit && options.splitDigits()) {
      flush(sink);
      append(text, at, length);
      flush(sink);
      return;
    }
    UnicodeScript here = script(c);
    if (options.splitScripts()
        && here != UnicodeScript.INHERITED
        && script != UnicodeScript.INHERITED
        && here != script) {
      flush(sink);
    }
    script = here == UnicodeScript.INHERITED ? script : here;
    onlySpaces = false;
    append(text, at, length);
  }

  /** Han, Hiragana and Katakana count as one. */
  private static UnicodeScript script(int c) {
    UnicodeScript script = UnicodeScript.of(c);
    return script == UnicodeScript.HIRAGANA || script == UnicodeScript.KATAKANA || c == 0x30FC
        ? UnicodeScript.HAN
        : script;
  }

  private void append(byte[] text, int from, int length) {
    if (size + length > word.length) {
      word = java.util.Arrays.copyOf(word, 2 * word.length);
    }
    System.arraycopy(text, from, word, size, length);
    size += length;
  }

  private void flush(PieceScanner.Sink sink) {
    if (size > 0) {
      sink.piece(word, 0, size);
    }
    start();
  }

  private void start() {
    size = 0;
    onlySpaces = false;
    script = UnicodeScript.INHERITED;
  }
}
