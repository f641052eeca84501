package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;
import java.util.Optional;

/** Cuts text into the pieces within which tokens are built. Immutable and safe for many threads. */
public interface Splitter {
  /**
   * Adds to {@code out} pieces that cover {@code text[from, to)}, which is well-formed UTF-8 and is
   * seen as a text of its own: nothing before or after it is looked at.
   */
  void split(byte[] text, int from, int to, Pieces out);

  /**
   * What becomes of a text that is cut in two at a plain newline: after a newline between two
   * characters that are no white space.
   */
  enum PlainNewlines {
    /** Not known. */
    UNKNOWN,
    /** The cut is a boundary more, and the others stay where they are. */
    HARMLESS,
    /** There is a boundary already, and all stay where they are. */
    BOUNDARIES
  }

  /** What cutting texts at plain newlines does to their pieces. */
  default PlainNewlines plainNewlines() {
    return PlainNewlines.UNKNOWN;
  }

  /** GPT-2's pattern, the one of the byte-level pre-tokenizer. */
  static Splitter gpt2() {
    return new Gpt2Splitter();
  }

  /**
   * The pattern of cl100k, Llama 3 and Qwen, which differ in how many digits stand together.
   *
   * @param digits the most digits in a piece, at least 1
   */
  static Splitter cl100k(int digits) {
    return new Cl100kSplitter(digits, false);
  }

  /** The pattern of o200k (GPT-4o, gpt-oss). */
  static Splitter o200k() {
    return new O200kSplitter(O200kSplitter.Kind.O200K);
  }

  /** Numeric characters alone: each by itself, or runs of them together. */
  static Splitter digits(boolean individual) {
    return new DigitsSplitter(individual);
  }

  /** White space dropped. */
  static Splitter whiteSpace() {
    return new CharacterSplitter(Categories::isSpace, true);
  }

  /**
   * Runs of word characters and runs of others, white space dropped: the pre-tokenizer Whitespace.
   */
  static Splitter words() {
    return new WordSplitter(true);
  }

  /** Characters of punctuation, and the symbols of ASCII, each by itself. */
  static Splitter punctuation() {
    return new CharacterSplitter(Categories::isPunctuation, false);
  }

  /** Every occurrence of a character dropped. */
  static Splitter delimiter(int codePoint) {
    return new CharacterSplitter(c -> c == codePoint, true);
  }

  /** A cut where the script changes. */
  static Splitter scripts() {
    return new ScriptSplitter();
  }

  /**
   * A regular expression in Oniguruma's syntax, and what becomes of its matches. The published
   * patterns, and all of the form {@code A?B{m,n}} for classes A and B, run on hand-written
   * automata, others on {@link java.util.regex}.
   *
   * @param invert whether matches and what lies between them change places
   * @throws IllegalArgumentException if the expression is malformed or uses a construct that can't
   *     be rendered faithfully
   */
  static Splitter regex(String expression, SplitBehavior behavior, boolean invert) {
    return KnownPatterns.automaton(expression, behavior, invert)
        .or(() -> RunSplitter.of(expression, behavior, invert))
        .or(
            () ->
                behavior == SplitBehavior.ISOLATED && !invert
                    ? MarkedSequences.splitter(expression)
                    : Optional.empty())
        .orElseGet(() -> new RegexSplitter(Oniguruma.compile(expression), behavior, invert));
  }

  /** Like {@link #regex} for a literal string. */
  static Splitter literal(String text, SplitBehavior behavior, boolean invert) {
    return new LiteralSplitter(Utf8.encode(text), behavior, invert);
  }
}
