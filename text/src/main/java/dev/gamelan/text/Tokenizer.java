package dev.gamelan.text;

import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Text to token ids and back. Implementations are immutable and safe for use by many threads.
 *
 * <p>Nothing is added to the text (no BOS, no EOS): who wants them calls {@link #addSpecial}.
 */
public interface Tokenizer {
  /** How special tokens that occur in a text as written are treated. */
  enum Special {
    /** They become their own ids: for prompts that a template rendered. */
    PARSE,
    /** They are text like any other: for documents and what a user typed. */
    LITERAL
  }

  /** The number of ids: every id that {@link #encode} gives is in [0, vocabularySize). */
  int vocabularySize();

  /** The ids of {@code text}. Lone surrogates are encoded as U+FFFD. */
  int[] encode(String text, Special special);

  /** {@link #encode(String, Special)} with {@link Special#LITERAL}. */
  default int[] encode(String text) {
    return encode(text, Special.LITERAL);
  }

  /**
   * The ids of many texts, made by {@code threads} threads and given to {@code sink} in the
   * caller's thread, in the order of the texts; the same as {@link #encode(String, Special)} gives.
   * Of the texts only a few hundred thousand characters a thread are read ahead, so that there can
   * be any number of them. For other work between source and result, see {@link InOrder}.
   *
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  default void encodeAll(
      Iterator<String> texts, Special special, int threads, Consumer<int[]> sink) {
    new InOrder<String, int[]>(threads, String::length, text -> encode(text, special))
        .run(
            new InOrder.Source<String, RuntimeException>() {
              @Override
              public Optional<String> next() {
                return texts.hasNext() ? Optional.of(texts.next()) : Optional.empty();
              }

              @Override
              public boolean ready() {
                return true;
              }
            },
            ids -> {
              sink.accept(ids);
              return true;
            });
  }

  /**
   * The ids of a whole text with what the vocabulary's own library puts around it by default, such
   * as BOS.
   */
  default int[] addSpecial(int[] ids) {
    if (!addsBos() || bos().isEmpty()) {
      return ids.clone();
    }
    int[] out = new int[ids.length + 1];
    out[0] = bos().getAsInt();
    System.arraycopy(ids, 0, out, 1, ids.length);
    return out;
  }

  /**
   * The text of {@code ids}; bytes that are not UTF-8 become U+FFFD, as the maximal-subpart rule
   * says.
   *
   * @throws IllegalArgumentException if an id is outside the vocabulary
   */
  String decode(int[] ids);

  /**
   * The bytes that one id stands for when it follows other ids; special tokens give the bytes of
   * their name.
   */
  byte[] bytes(int id);

  /**
   * The bytes that one id stands for when it is the first of a text. They differ from {@link
   * #bytes} where the vocabulary puts a space before a text's first word that {@link #decode} takes
   * away again.
   */
  default byte[] bytesAtStart(int id) {
    return bytes(id);
  }

  /** Whether a text starts after this id, as after the BOS of vocabularies of that kind. */
  default boolean startsText(int id) {
    return false;
  }

  /**
   * Whether the id is a special (control) token, which a reader of an answer doesn't want to see.
   */
  boolean isSpecial(int id);

  /** The id of a token by its exact name in the vocabulary, e.g. {@code <|endoftext|>}. */
  OptionalInt id(String token);

  /**
   * Whether the vocabulary's own library puts {@link #bos()} before every text, so that models were
   * trained to see it there.
   */
  default boolean addsBos() {
    return false;
  }

  /** The token that begins a sequence, where the vocabulary has one. */
  OptionalInt bos();

  /** The token that ends a document, where the vocabulary has one. */
  OptionalInt eos();
}
