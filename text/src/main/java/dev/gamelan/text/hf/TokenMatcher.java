package dev.gamelan.text.hf;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Finds added tokens in UTF-8: the leftmost, and of those that begin at one place the longest. A
 * trie in one open-addressing table, behind filters of the first byte and the first two. Immutable.
 */
final class TokenMatcher {
  private static final int NOTHING = -1;
  private final List<AddedToken> tokens;
  private final long[] pairs = new long[1 << 10];
  private final boolean[] single = new boolean[256];
  private final boolean[] starts = new boolean[256];

  // Keys are node << 8 | byte; a node's token is its index in tokens.
  private int[] keys = new int[64];
  private int[] children = new int[64];
  private int[] tokenOf = new int[64];
  private int nodes = 1;

  /** For these tokens, each spelt by {@code spelling}. */
  TokenMatcher(List<AddedToken> tokens, Function<AddedToken, byte[]> spelling) {
    this.tokens = new ArrayList<>(tokens);
    Arrays.fill(keys, NOTHING);
    Arrays.fill(tokenOf, NOTHING);
    for (int t = 0; t < tokens.size(); t++) {
      byte[] bytes = spelling.apply(tokens.get(t));
      int node = 0;
      for (byte b : bytes) {
        node = child(node, b & 0xFF, true);
      }
      if (bytes.length > 0) {
        starts[bytes[0] & 0xFF] = true;
      }
      if (bytes.length == 1) {
        single[bytes[0] & 0xFF] = true;
      } else if (bytes.length > 1) {
        int pair = (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
        pairs[pair >>> 6] |= 1L << pair;
      }
      if (bytes.length > 0) {
        tokenOf[node] = t;
      }
    }
  }

  boolean isEmpty() {
    return nodes == 1;
  }

  /** A token found, with the white space it takes. */
  static final class Match {
    int start;
    int end;
    int id;
  }

  /**
   * The first token in {@code text[at, to)}, a part of the text from {@code from} on; false if
   * there is none.
   */
  boolean find(byte[] text, int from, int at, int to, Match match) {
    for (int i = at; i < to; i++) {
      if (!starts[text[i] & 0xFF]) {
        continue;
      }
      int first = text[i] & 0xFF;
      int pair = i + 1 < to ? first << 8 | text[i + 1] & 0xFF : 0;
      boolean candidate = single[first] || i + 1 < to && (pairs[pair >>> 6] >>> pair & 1) != 0;
      if (!candidate) {
        continue;
      }
      int end = longest(text, i, to);
      if (end < 0) {
        continue;
      }
      AddedToken token = tokens.get(tokenAt(text, i, end));
      if (token.singleWord() && touchesWord(text, from, i, end, to)) {
        // As in the original, what such a token covers is not searched for shorter ones.
        i = end - 1;
        continue;
      }
      match.start = token.lstrip() ? spaceBefore(text, at, i) : i;
      match.end = token.rstrip() ? spaceAfter(text, end, to) : end;
      match.id = token.id();
      return true;
    }
    return false;
  }

  private int longest(byte[] text, int i, int to) {
    int node = 0;
    int end = -1;
    for (int p = i; p < to; p++) {
      node = child(node, text[p] & 0xFF, false);
      if (node == NOTHING) {
        break;
      }
      if (tokenOf[node] != NOTHING) {
        end = p + 1;
      }
    }
    return end;
  }

  private int tokenAt(byte[] text, int i, int end) {
    int node = 0;
    for (int p = i; p < end; p++) {
      node = child(node, text[p] & 0xFF, false);
    }
    return tokenOf[node];
  }

  private static boolean touchesWord(byte[] text, int from, int start, int end, int to) {
    return start > from && Categories.isWord(Utf8.codePoint(text, Utf8.before(text, start)))
        || end < to && Categories.isWord(Utf8.codePoint(text, end));
  }

  private static int spaceBefore(byte[] text, int from, int at) {
    while (at > from) {
      int p = Utf8.before(text, at);
      if (!Categories.isSpace(Utf8.codePoint(text, p))) {
        break;
      }
      at = p;
    }
    return at;
  }

  private static int spaceAfter(byte[] text, int at, int to) {
    while (at < to && Categories.isSpace(Utf8.codePoint(text, at))) {
      at += Utf8.length(text[at]);
    }
    return at;
  }

  private int child(int node, int b, boolean make) {
    int key = node << 8 | b;
    int i = key * 0x9E3779B1 >>> Integer.numberOfLeadingZeros(keys.length) + 1;
    while (keys[i] != key) {
      if (keys[i] == NOTHING) {
        return make ? grow(key) : NOTHING;
      }
      i = i + 1 & keys.length - 1;
    }
    return children[i];
  }

  private int grow(int key) {
    if (nodes >= keys.length / 2) {
      int[] oldKeys = keys;
      int[] oldChildren = children;
      keys = new int[2 * oldKeys.length];
      children = new int[keys.length];
      tokenOf = Arrays.copyOf(tokenOf, keys.length);
      Arrays.fill(tokenOf, oldKeys.length, keys.length, NOTHING);
      Arrays.fill(keys, NOTHING);
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldKeys[i] != NOTHING) {
          insert(oldKeys[i], oldChildren[i]);
        }
      }
    }
    insert(key, nodes);
    return nodes++;
  }

  private void insert(int key, int child) {
    int i = key * 0x9E3779B1 >>> Integer.numberOfLeadingZeros(keys.length) + 1;
    while (keys[i] != NOTHING) {
      i = i + 1 & keys.length - 1;
    }
    keys[i] = key;
    children[i] = child;
  }
}
