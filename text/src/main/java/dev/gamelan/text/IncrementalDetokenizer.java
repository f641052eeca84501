package dev.gamelan.text;

import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;

/**
 * Text from ids as they arrive. A character whose bytes are spread over several tokens is given out
 * once it is complete, so that every string given out is well-formed; what is malformed becomes
 * U+FFFD by the maximal-subpart rule as soon as no later byte can complete it.
 *
 * <p>The strings of {@link #add} and of the last {@link #finish} in a row are {@link
 * Tokenizer#decode} of all the ids. One object serves one sequence and one thread.
 */
public final class IncrementalDetokenizer {
  private final Tokenizer tokenizer;
  private final boolean skipSpecial;
  private byte[] pending = new byte[64];
  private int size;
  private boolean atStart;

  private IncrementalDetokenizer(Tokenizer tokenizer, boolean skipSpecial, boolean atStart) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
    this.atStart = atStart;
  }

  /** For a sequence from its first id on; equal to {@link Tokenizer#decode}. */
  public static IncrementalDetokenizer fromStart(Tokenizer tokenizer) {
    return new IncrementalDetokenizer(tokenizer, false, true);
  }

  /**
   * For ids that continue others, e.g. what a model answers to a prompt: a space that some
   * vocabularies drop at the beginning of a text is kept.
   */
  public static IncrementalDetokenizer continuing(Tokenizer tokenizer) {
    return new IncrementalDetokenizer(tokenizer, false, false);
  }

  /** The same, but special tokens give no text. */
  public IncrementalDetokenizer withoutSpecial() {
    return new IncrementalDetokenizer(tokenizer, true, atStart);
  }

  /**
   * The text that has become certain by this id; empty when it is only a part of a character.
   *
   * @throws IllegalArgumentException if the id is outside the vocabulary
   */
  public String add(int id) {
    boolean special = tokenizer.isSpecial(id);
    byte[] bytes = atStart ? tokenizer.bytesAtStart(id) : tokenizer.bytes(id);
    if (tokenizer.startsText(id)) {
      atStart = true;
    } else if (!special || !skipSpecial) {
      atStart = false;
    }
    if (special && skipSpecial) {
      return "";
    }
    if (size + bytes.length > pending.length) {
      pending = Arrays.copyOf(pending, Math.max(2 * pending.length, size + bytes.length));
    }
    System.arraycopy(bytes, 0, pending, size, bytes.length);
    size += bytes.length;
    int complete = 0;
    while (complete < size) {
      int n = Utf8.sequence(pending, complete, size);
      if (n == 0) {
        break;
      }
      complete += Math.abs(n);
    }
    String text = Utf8.decode(pending, 0, complete);
    System.arraycopy(pending, complete, pending, 0, size - complete);
    size -= complete;
    return text;
  }

  /** What is left at the end of the sequence: U+FFFD for an incomplete character, else nothing. */
  public String finish() {
    String text = Utf8.decode(pending, 0, size);
    size = 0;
    return text;
  }
}
