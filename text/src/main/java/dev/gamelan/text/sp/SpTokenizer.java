package dev.gamelan.text.sp;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tokenizer of SentencePiece's (Kudo and Richardson, 2018). SentencePiece itself knows no control
 * tokens in texts; with {@link Special#PARSE} they are found here, and a text begins after each.
 */
public final class SpTokenizer implements Tokenizer {
  private static final String MARK = "\u2581";
  private final SpModel model;
  private final SpNormalizer normalizer;
  private final SpCutter cutter;
  private final ByteTrie controls = new ByteTrie();
  private final Map<String, Integer> ids = new HashMap<>();
  private final byte[][] bytes;
  private final boolean addsBos;
  private final boolean addsEos;

  /**
   * The tokenizer of {@code model}.
   *
   * @param addsBos whether {@link #addSpecial} adds BOS, where there is one
   * @param addsEos whether it adds EOS
   */
  public SpTokenizer(SpModel model, boolean addsBos, boolean addsEos) {
    this.model = model;
    this.addsBos = addsBos && model.bos().isPresent();
    this.addsEos = addsEos && model.eos().isPresent();
    ByteTrie userDefined = new ByteTrie();
    bytes = new byte[model.pieces().size()][];
    for (int id = 0; id < bytes.length; id++) {
      SpModel.Piece piece = model.pieces().get(id);
      ids.put(piece.name(), id);
      byte[] name = Utf8.encode(piece.name());
      bytes[id] =
          switch (piece.kind()) {
            case NORMAL, USER_DEFINED, UNUSED -> Utf8.encode(piece.name().replace(MARK, " "));
            case UNKNOWN -> Utf8.encode(model.unknownSurface());
            case CONTROL -> name;
            case BYTE -> new byte[] {(byte) piece.value()};
          };
      if (piece.kind() == SpModel.Kind.USER_DEFINED) {
        userDefined.put(name, id);
      } else if (piece.kind() == SpModel.Kind.CONTROL) {
        controls.put(name, id);
      }
    }
    normalizer = new SpNormalizer(model, userDefined);
    cutter =
        switch (model.algorithm()) {
          case BPE -> new SpBpe(model, userDefined);
          case UNIGRAM -> new SpUnigram(model);
        };
  }

  /**
   * The tokenizer of a {@code .model} file's contents. As LLaMA's and its descendants' do, those of
   * BPE add BOS; those of unigrams add nothing.
   *
   * @throws InvalidTokenizerException if they aren't a model's, or need what isn't supported
   */
  public static SpTokenizer of(byte[] file) {
    SpModel model = SpReader.read(file);
    return new SpTokenizer(model, model.algorithm() == SpModel.Algorithm.BPE, false);
  }

  /** What this was made of. */
  public SpModel model() {
    return model;
  }

  @Override
  public int vocabularySize() {
    return bytes.length;
  }

  @Override
  public int[] encode(String text, Special special) {
    byte[] raw = Utf8.encode(text);
    IntList out = new IntList(raw.length / 3 + 8);
    int at = 0;
    for (int i = 0; special == Special.PARSE && i < raw.length; ) {
      int end = controls.longest(raw, i, raw.length);
      if (end == ByteTrie.NONE) {
        i++;
        continue;
      }
      plain(raw, at, i, out);
      out.add(controls.find(raw, i, end));
      at = end;
      i = end;
    }
    plain(raw, at, raw.length, out);
    return out.toArray();
  }

  private void plain(byte[] raw, int from, int to, IntList out) {
    if (from < to) {
      cutter.cut(normalizer.apply(raw, from, to, true), out);
    }
  }

  @Override
  public int[] addSpecial(int[] given) {
    IntList out = new IntList(given.length + 2);
    if (addsBos) {
      out.add(model.bos().getAsInt());
    }
    for (int id : given) {
      out.add(id);
    }
    if (addsEos) {
      out.add(model.eos().getAsInt());
    }
    return out.toArray();
  }

  /** The text; the space that {@link #encode} put at the beginning is left out. */
  @Override
  public String decode(int[] given) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4 * given.length);
    boolean start = true;
    for (int id : given) {
      out.writeBytes(start ? bytesAtStart(id) : known(id));
      start = startsText(id);
    }
    return Utf8.decode(out.toByteArray());
  }

  @Override
  public byte[] bytes(int id) {
    return known(id).clone();
  }

  @Override
  public byte[] bytesAtStart(int id) {
    byte[] all = known(id);
    SpModel.Piece piece = model.pieces().get(id);
    boolean drops =
        (model.dummyPrefix() || model.removesExtraSpaces())
            && piece.kind() != SpModel.Kind.BYTE
            && piece.name().startsWith(MARK);
    return drops ? Arrays.copyOfRange(all, 1, all.length) : all.clone();
  }

  @Override
  public boolean startsText(int id) {
    return model.pieces().get(id).kind() == SpModel.Kind.CONTROL;
  }

  @Override
  public boolean isSpecial(int id) {
    known(id);
    SpModel.Kind kind = model.pieces().get(id).kind();
    return kind == SpModel.Kind.CONTROL || kind == SpModel.Kind.UNKNOWN;
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
    return addsBos;
  }

  @Override
  public OptionalInt bos() {
    return model.bos();
  }

  @Override
  public OptionalInt eos() {
    return model.eos();
  }
}
