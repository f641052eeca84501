package dev.gamelan.data.shard;

import dev.gamelan.text.Tokenizer;
import java.nio.ByteBuffer;

/**
 * A name for what a tokenizer does, from its interface alone: SHA-256 over the bytes and kind of
 * every id, its special ids, and its ids for a probe text (which shows the order of merges and how
 * words are split).
 */
public final class TokenizerFingerprint {
  private static final String PROBE =
      "The quick brown fox isn't at 3,141.59 — naïve café, 12345678!\n\n\tif (x <= 10) { return"
          + " foo_bar[i++]; } // überlegen, Việt Nam, 漢字かな交じり, здравствуй, שלום, 👩🏽‍🚀\r\n"
          + "   <|endoftext|>HTTPServer getElementById aaaaaaaaaaaaaaaa          end.";

  private TokenizerFingerprint() {}

  /** Hexadecimal, 64 characters. */
  public static String of(Tokenizer tokenizer) {
    Digest digest = new Digest();
    int size = tokenizer.vocabularySize();
    digest.field(size);
    for (int id = 0; id < size; id++) {
      digest.field(tokenizer.bytes(id)).field(tokenizer.isSpecial(id) ? 1 : 0);
    }
    digest.field(tokenizer.bos().orElse(-1)).field(tokenizer.eos().orElse(-1));
    int[] ids = tokenizer.encode(PROBE);
    ByteBuffer probe = ByteBuffer.allocate(4 * ids.length);
    probe.asIntBuffer().put(ids);
    return digest.field(probe.array()).hex();
  }
}
