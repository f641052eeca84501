package dev.gamelan.text.llama2c;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.MergeTable;
import dev.gamelan.text.bpe.Merger;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.unicode.CharsMap;
import dev.gamelan.text.unicode.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The tokenizer of Karpathy's llama2.c ({@code run.c}, 2023) from its {@code .bin} file: a
 * SentencePiece BPE vocabulary with scores. A text gets a space before it; characters that are no
 * token become their bytes' tokens (ids 3 to 258); of neighbouring tokens that make a token, those
 * whose token has the highest score merge first. Ids 0, 1 and 2 are unknown, BOS and EOS.
 *
 * <p>File: int32 longest length, then for every token float32 score, int32 length and that many
 * bytes, little-endian, up to the end of the file.
 */
public final class Llama2cTokenizer implements Tokenizer {
  private static final int BOS = 1;
  private static final int EOS = 2;
  private static final int FIRST_BYTE = 3;
  private static final int LAST_BYTE = FIRST_BYTE + 255;

  private final String[] names;
  private final byte[][] bytes;
  private final Map<String, Integer> ids;
  private final MergeTable merges;
  private final int space;
  private final float[] scores;

  private Llama2cTokenizer(List<byte[]> tokens, float[] scores) {
    names = new String[tokens.size()];
    bytes = new byte[names.length][];
    ids = new HashMap<>(2 * names.length);
    for (int id = 0; id < names.length; id++) {
      byte[] token = tokens.get(id);
      // The file writes BOS and EOS with newlines around them, for the eye.
      names[id] = id < FIRST_BYTE ? utf8(token).strip() : utf8(token);
      bytes[id] =
          id < FIRST_BYTE
              ? names[id].getBytes(StandardCharsets.UTF_8)
              : id <= LAST_BYTE ? new byte[] {(byte) (id - FIRST_BYTE)} : token;
      ids.putIfAbsent(names[id], id);
    }
    this.scores = scores.clone();
    space = ids.getOrDefault(" ", FIRST_BYTE + ' ');
    merges = merges(tokens, scores);
  }

  /**
   * The vocabulary as SentencePiece has it.
   *
   * @throws InvalidTokenizerException if two tokens have one name
   */
  public SpModel asSentencePiece() {
    List<SpModel.Piece> pieces = new ArrayList<>();
    for (int id = 0; id < names.length; id++) {
      SpModel.Kind kind =
          id == 0
              ? SpModel.Kind.UNKNOWN
              : id < FIRST_BYTE
                  ? SpModel.Kind.CONTROL
                  : id <= LAST_BYTE ? SpModel.Kind.BYTE : SpModel.Kind.NORMAL;
      String name = id <= LAST_BYTE ? names[id] : names[id].replace(' ', '\u2581');
      pieces.add(new SpModel.Piece(name, scores[id], kind));
    }
    return new SpModel(
        SpModel.Algorithm.BPE,
        pieces,
        CharsMap.of(new byte[0]),
        true,
        false,
        true,
        false,
        " \u2047 ",
        OptionalInt.of(BOS),
        OptionalInt.of(EOS));
  }

  private static String utf8(byte[] token) {
    return new String(token, StandardCharsets.UTF_8);
  }

  /**
   * Reads a {@code .bin} file.
   *
   * @throws IOException if it can't be read
   * @throws InvalidTokenizerException if it isn't one; the message begins with the file's name
   */
  public static Llama2cTokenizer read(Path file) throws IOException {
    try {
      return of(Files.readAllBytes(file));
    } catch (InvalidTokenizerException e) {
      throw new InvalidTokenizerException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The tokenizer of the contents of a file.
   *
   * @throws InvalidTokenizerException if they aren't a tokenizer's
   */
  public static Llama2cTokenizer of(byte[] contents) {
    ByteBuffer in = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 4) {
      throw new InvalidTokenizerException(
          "llama2.c tokenizer: the file has " + contents.length + " bytes, which is too few");
    }
    int longest = in.getInt();
    List<byte[]> tokens = new ArrayList<>();
    IntList scores = new IntList(1024);
    while (in.hasRemaining()) {
      int id = tokens.size();
      int length = in.remaining() < 8 ? -1 : in.getInt(in.position() + 4);
      if (length < 0 || length > Math.min(longest, in.remaining() - 8)) {
        // llama2.c's own export counts characters, not bytes, for the longest length.
        boolean fits = length >= 0 && length <= in.remaining() - 8 && length <= 4 * longest;
        if (!fits) {
          throw new InvalidTokenizerException(
              ("llama2.c tokenizer: token %d has the length %d, where %d bytes are left in the file"
                      + " and the longest token has %d; the file is damaged or of another kind")
                  .formatted(id, length, in.remaining(), longest));
        }
      }
      float score = in.getFloat();
      in.getInt();
      byte[] token = new byte[length];
      in.get(token);
      if (Float.isNaN(score)) {
        throw new InvalidTokenizerException(
            "llama2.c tokenizer: the score of token " + id + " is not a number");
      }
      tokens.add(token);
      scores.add(Float.floatToRawIntBits(score));
    }
    if (tokens.size() <= LAST_BYTE) {
      throw new InvalidTokenizerException(
          ("llama2.c tokenizer: the file has %d tokens; a vocabulary begins with 3 control tokens"
                  + " and 256 bytes")
              .formatted(tokens.size()));
    }
    for (int b = 0; b < 256; b++) {
      String name = utf8(tokens.get(FIRST_BYTE + b));
      if (!name.equals("<0x%02X>".formatted(b))) {
        throw new InvalidTokenizerException(
            "llama2.c tokenizer: token %d is \"%s\", where the byte \"<0x%02X>\" must stand"
                .formatted(FIRST_BYTE + b, name, b));
      }
    }
    float[] values = new float[tokens.size()];
    for (int id = 0; id < values.length; id++) {
      values[id] = Float.intBitsToFloat(scores.at(id));
    }
    return new Llama2cTokenizer(tokens, values);
  }

  // Every way to make a token of two others; the rank is the place of its score from the top, so
  // that tokens of equal score have equal ranks and the leftmost merges first.
  private MergeTable merges(List<byte[]> tokens, float[] scores) {
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    List<int[]> found = new ArrayList<>();
    for (int id = LAST_BYTE + 1; id < names.length; id++) {
      String name = names[id];
      if (ids.get(name) != id) {
        continue;
      }
      for (int cut = 1; cut < name.length(); cut++) {
        Integer left = ids.get(name.substring(0, cut));
        Integer right = ids.get(name.substring(cut));
        if (left != null && right != null) {
          int below = Arrays.binarySearch(sorted, scores[id]);
          while (below + 1 < sorted.length && sorted[below + 1] == sorted[below]) {
            below++;
          }
          found.add(new int[] {left, right, sorted.length - 1 - below, id});
        }
      }
    }
    MergeTable.Builder table = new MergeTable.Builder(found.size());
    for (int[] merge : found) {
      table.put(merge[0], merge[1], merge[2], merge[3]);
    }
    return table.build();
  }

  @Override
  public int vocabularySize() {
    return names.length;
  }

  @Override
  public int[] encode(String text, Special special) {
    IntList out = new IntList(text.length() / 2 + 8);
    Merger merger = new Merger(merges);
    int at = 0;
    boolean start = true;
    if (special == Special.PARSE) {
      for (int found = special(text, 0); found >= 0; found = special(text, at)) {
        encodePlain(text, at, found, start, merger, out);
        int id = text.startsWith(names[BOS], found) ? BOS : EOS;
        start = id == BOS || start && at == found;
        out.add(id);
        at = found + names[id].length();
      }
    }
    encodePlain(text, at, text.length(), start, merger, out);
    return out.toArray();
  }

  private int special(String text, int from) {
    int bos = text.indexOf(names[BOS], from);
    int eos = text.indexOf(names[EOS], from);
    return bos < 0 ? eos : eos < 0 ? bos : Math.min(bos, eos);
  }

  private void encodePlain(
      String text, int from, int to, boolean start, Merger merger, IntList out) {
    if (from == to) {
      return;
    }
    merger.clear();
    if (start) {
      merger.add(space);
    }
    for (int i = from; i < to; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      String character = c >= 0xD800 && c <= 0xDFFF ? "\uFFFD" : Character.toString(c);
      Integer id = ids.get(character);
      if (id != null) {
        merger.add(id);
      } else {
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
          merger.add(FIRST_BYTE + (b & 0xFF));
        }
      }
    }
    merger.merge();
    merger.copyTo(out);
  }

  /** The text; the space that {@link #encode} put at the beginning, or after BOS, is left out. */
  @Override
  public String decode(int[] given) {
    int length = 0;
    boolean start = true;
    List<byte[]> parts = new ArrayList<>(given.length);
    for (int id : given) {
      byte[] part = start ? bytesAtStart(id) : known(id);
      parts.add(part);
      length = Math.addExact(length, part.length);
      start = startsText(id);
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return Utf8.decode(all);
  }

  @Override
  public byte[] bytes(int id) {
    return known(id).clone();
  }

  @Override
  public byte[] bytesAtStart(int id) {
    byte[] all = known(id);
    return all.length > 0 && all[0] == ' ' ? Arrays.copyOfRange(all, 1, all.length) : all.clone();
  }

  @Override
  public boolean startsText(int id) {
    return id == BOS;
  }

  @Override
  public boolean isSpecial(int id) {
    known(id);
    return id < FIRST_BYTE;
  }

  private byte[] known(int id) {
    if (id < 0 || id >= bytes.length) {
      throw new IllegalArgumentException(
          "decode: no token has the id " + id + "; ids go up to " + (bytes.length - 1));
    }
    return bytes[id];
  }

  @Override
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public boolean addsBos() {
    return true;
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.of(BOS);
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(EOS);
  }
}
