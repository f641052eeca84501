package dev.gamelan.eval.local;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** Turns contexts and continuations into tokens, as the reference or as OLMo's evaluators do. */
final class Encoding {
  private final Tokenizer tokenizer;
  private final boolean separate;
  private final int prefix;

  /**
   * @param separate whether context and continuation are encoded by themselves
   * @param prefix what stands before an empty context
   */
  Encoding(Tokenizer tokenizer, boolean separate, int prefix) {
    this.tokenizer = tokenizer;
    this.separate = separate;
    this.prefix = prefix;
  }

  /** A whole text, with what the tokenizer's own library adds, unless it is there already. */
  int[] whole(String text) {
    int[] ids = tokenizer.encode(text, Tokenizer.Special.PARSE);
    boolean begun =
        ids.length > 0 && tokenizer.bos().isPresent() && ids[0] == tokenizer.bos().getAsInt();
    return begun ? ids : tokenizer.addSpecial(ids);
  }

  private int[] bare(String text) {
    return tokenizer.encode(text, Tokenizer.Special.PARSE);
  }

  /**
   * A context and a continuation.
   *
   * @throws IllegalArgumentException if the continuation has no token of its own
   */
  TokenPair pair(String context, String continuation) {
    TokenPair pair = context.isEmpty() ? afterNothing(continuation) : after(context, continuation);
    if (pair.continuation().length == 0) {
      throw new IllegalArgumentException(
          "eval: the continuation '%s' has no token of its own after '%s'; it can't be scored"
              .formatted(continuation, context.substring(Math.max(0, context.length() - 40))));
    }
    return pair;
  }

  private TokenPair afterNothing(String continuation) {
    int[] ids = bare(continuation);
    if (ids.length > 0 && ids[0] == prefix) {
      return new TokenPair(new int[] {prefix}, Arrays.copyOfRange(ids, 1, ids.length));
    }
    return new TokenPair(new int[] {prefix}, ids);
  }

  private TokenPair after(String context, String continuation) {
    if (separate) {
      return new TokenPair(whole(context), bare(continuation));
    }
    // White space at the end belongs to the next word's token.
    String before = PythonText.rstrip(context);
    String rest = context.substring(before.length()) + continuation;
    int[] all = whole(before + rest);
    int[] first = whole(before);
    if (first.length >= all.length) {
      return new TokenPair(first, new int[0]);
    }
    return new TokenPair(
        Arrays.copyOf(all, first.length), Arrays.copyOfRange(all, first.length, all.length));
  }

  /** The windows of a text. */
  List<TokenPair> windows(String text, int maxLength) {
    return TokenPair.windows(whole(text), prefix, maxLength);
  }
}
