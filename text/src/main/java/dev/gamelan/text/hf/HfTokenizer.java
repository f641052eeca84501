package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.ByteBpe;
import dev.gamelan.text.bpe.CharBpe;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.bpe.WordModel;
import dev.gamelan.text.bpe.Workspace;
import dev.gamelan.text.split.Pieces;
import dev.gamelan.text.unicode.Utf8;
import dev.gamelan.text.word.Unigram;
import dev.gamelan.text.word.UnigramSpec;
import dev.gamelan.text.word.WordLevel;
import dev.gamelan.text.word.WordPiece;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * A tokenizer as Hugging Face's {@code tokenizers} defines it: added tokens, normalizer,
 * pre-tokenizer, model, and for {@link #addSpecial} the post-processor. With {@link
 * Special#LITERAL} special tokens are not looked for; added tokens that aren't special (runs of
 * spaces in GPT-NeoX's) always are.
 */
public final class HfTokenizer implements Tokenizer {
  private final TokenizerSpec spec;
  private final WordModel model;
  private final Cutter cutter;
  private final Optional<TextNormalizer> normalizer;
  private final TokenMatcher rawAll;
  private final TokenMatcher rawPlain;
  private final TokenMatcher normalizedAll;
  private final TokenMatcher normalizedPlain;
  private final byte[][] bytes;
  // What tokens read as that begin a text; the same array where that is no different.
  private final byte[][] startBytes;
  private final Spelling spelling;
  private final Wrapping wrapping;
  private final boolean[] special;
  private final Map<String, Integer> addedIds = new HashMap<>();
  private final OptionalInt bos;
  private final OptionalInt eos;
  private final AtomicReferenceArray<Workspace> idle;

  /**
   * The tokenizer of {@code spec}.
   *
   * @throws InvalidTokenizerException if it contradicts itself
   */
  public HfTokenizer(TokenizerSpec spec) {
    this.spec = spec;
    Set<String> specials = new HashSet<>();
    spec.addedTokens().stream()
        .filter(AddedToken::special)
        .forEach(token -> specials.add(token.content()));
    this.cutter = new Cutter(spec.preTokenizer());
    this.model = model(spec.model(), cutter.byteLevel(), specials);
    this.spelling = Spelling.of(spec.decoder());
    this.wrapping = Wrapping.of(spec.postProcessor());
    this.normalizer = spec.normalizer();
    this.rawAll = matcher(token -> !token.normalized());
    this.rawPlain = matcher(token -> !token.normalized() && !token.special());
    this.normalizedAll = matcher(AddedToken::normalized);
    this.normalizedPlain = matcher(token -> token.normalized() && !token.special());
    String[] names = names(spec);
    for (AddedToken token : spec.addedTokens()) {
      addedIds.put(token.content(), token.id());
    }
    this.bytes = read(names, false);
    byte[][] starts = spelling.firstDiffers() ? read(names, true) : bytes;
    this.startBytes = Arrays.deepEquals(bytes, starts) ? bytes : starts;
    for (int id : wrapping.around(new int[0])) {
      if (id < 0 || id >= bytes.length || bytes[id] == null) {
        throw new InvalidTokenizerException(
            "post_processor: it adds the id " + id + ", which no token has");
      }
    }
    this.special = new boolean[bytes.length];
    for (AddedToken token : spec.addedTokens()) {
      special[token.id()] = token.special();
    }
    OptionalInt named = end("bos_token", spec.bos());
    this.bos =
        named.isEmpty() && wrapping.before().length == 1
            ? OptionalInt.of(wrapping.before()[0])
            : named;
    this.eos = end("eos_token", spec.eos());
    this.idle = new AtomicReferenceArray<>(Runtime.getRuntime().availableProcessors() + 1);
  }

  private TokenMatcher matcher(Predicate<AddedToken> which) {
    List<AddedToken> tokens = spec.addedTokens().stream().filter(which).toList();
    return new TokenMatcher(
        tokens,
        token ->
            Utf8.encode(
                token.normalized()
                    ? normalizer.map(n -> n.apply(token.content())).orElse(token.content())
                    : token.content()));
  }

  private static WordModel model(ModelSpec spec, boolean byteLevel, Set<String> specials) {
    return switch (spec) {
      case ModelSpec.Bpe(BpeSpec bpe) -> byteLevel ? new ByteBpe(bpe, specials) : new CharBpe(bpe);
      case ModelSpec.Unigram(UnigramSpec unigram) ->
          new Unigram(checked(unigram, byteLevel), specials);
      case ModelSpec.WordPiece w ->
          new WordPiece(checked(w, byteLevel).vocabulary(), w.unk(), w.prefix(), w.longest());
      case ModelSpec.WordLevel w -> new WordLevel(checked(w, byteLevel).vocabulary(), w.unk());
    };
  }

  private static <T> T checked(T spec, boolean byteLevel) {
    if (byteLevel) {
      throw new InvalidTokenizerException(
          "pre_tokenizer: ByteLevel is supported with BPE models only");
    }
    return spec;
  }

  private byte[][] read(String[] names, boolean first) {
    byte[][] read = new byte[names.length][];
    for (int id = 0; id < names.length; id++) {
      if (names[id] != null) {
        boolean added = addedIds.containsKey(names[id]);
        read[id] = spelling.bytes(names[id], added, first, false);
      }
    }
    return read;
  }

  private static String[] names(TokenizerSpec spec) {
    Vocabulary vocabulary = spec.model().vocabulary();
    int size = vocabulary.size();
    for (AddedToken token : spec.addedTokens()) {
      if (token.id() < 0 || token.id() >= Vocabulary.MOST_IDS) {
        throw new InvalidTokenizerException(
            "added_tokens: \"%s\" has the id %d; ids must be in [0, %d)"
                .formatted(token.content(), token.id(), Vocabulary.MOST_IDS));
      }
      size = Math.max(size, token.id() + 1);
    }
    String[] names = new String[size];
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.has(id)) {
        names[id] = vocabulary.name(id);
      }
    }
    Map<Integer, AddedToken> seen = new HashMap<>();
    Map<String, AddedToken> contents = new HashMap<>();
    for (AddedToken token : spec.addedTokens()) {
      OptionalInt known = vocabulary.id(token.content());
      if (known.isPresent() && known.getAsInt() != token.id()
          || vocabulary.has(token.id()) && !vocabulary.name(token.id()).equals(token.content())) {
        throw new InvalidTokenizerException(
            "added_tokens: \"%s\" has the id %d, but in the vocabulary %s"
                .formatted(
                    token.content(),
                    token.id(),
                    known.isPresent()
                        ? "its id is " + known.getAsInt()
                        : "that is the id of \"" + vocabulary.name(token.id()) + "\""));
      }
      AddedToken other = seen.putIfAbsent(token.id(), token);
      AddedToken same = contents.putIfAbsent(token.content(), token);
      if (other != null || same != null) {
        throw new InvalidTokenizerException(
            "added_tokens: %s and %s have one id or one content"
                .formatted(other == null ? same : other, token));
      }
      names[token.id()] = token.content();
    }
    return names;
  }

  private OptionalInt end(String key, Optional<String> name) {
    if (name.isEmpty()) {
      return OptionalInt.empty();
    }
    OptionalInt id = id(name.get());
    if (id.isEmpty()) {
      throw new InvalidTokenizerException(
          key + ": \"" + name.get() + "\" is not a token of this vocabulary");
    }
    return id;
  }

  /** What this was made of. */
  public TokenizerSpec spec() {
    return spec;
  }

  /**
   * The bytes of UTF-8 that have no token, none in most vocabularies (SmolLM2 lacks 0x04 and some
   * others). As in the original, encoding turns them into the unknown token, or leaves them out
   * where there is none; texts without them come back whole from decoding.
   */
  public int[] bytesWithoutToken() {
    return model instanceof ByteBpe bpe ? bpe.bytesWithoutToken() : new int[0];
  }

  /**
   * Writes {@code tokenizer.json} and {@code tokenizer_config.json} (which names BOS and EOS) into
   * {@code folder}, which is made if need be. Each file appears whole or not at all.
   */
  public void save(Path folder) throws IOException {
    TokenizerFiles.write(spec, folder);
  }

  @Override
  public int vocabularySize() {
    return bytes.length;
  }

  @Override
  public int[] encode(String text, Special special) {
    byte[] raw = Utf8.encode(text);
    Workspace work = acquire();
    work.ids.clear();
    boolean parse = special == Special.PARSE;
    TokenMatcher matcher = parse ? rawAll : rawPlain;
    int at = 0;
    if (!matcher.isEmpty()) {
      TokenMatcher.Match match = new TokenMatcher.Match();
      while (matcher.find(raw, 0, at, raw.length, match)) {
        encodeGap(raw, at, match.start, parse, work);
        work.ids.add(match.id);
        at = match.end;
      }
    }
    encodeGap(raw, at, raw.length, parse, work);
    int[] ids = work.ids.toArray();
    release(work);
    return ids;
  }

  // Text between the tokens of the given text: normalized, then searched for those of the
  // normalized.
  private void encodeGap(byte[] raw, int from, int to, boolean parse, Workspace work) {
    boolean atStart = from == 0;
    byte[] text = raw;
    if (normalizer.isPresent() && !normalizer.get().leavesAlone(raw, from, to)) {
      text = normalizer.get().apply(raw, from, to);
      from = 0;
      to = text.length;
    }
    TokenMatcher matcher = parse ? normalizedAll : normalizedPlain;
    int at = from;
    if (!matcher.isEmpty()) {
      TokenMatcher.Match match = new TokenMatcher.Match();
      while (matcher.find(text, from, at, to, match)) {
        encodePlain(text, at, match.start, atStart && at == from, work);
        work.ids.add(match.id);
        at = match.end;
      }
    }
    encodePlain(text, at, to, atStart && at == from, work);
  }

  private void encodePlain(byte[] text, int from, int to, boolean atStart, Workspace work) {
    if (from == to) {
      return;
    }
    Pieces pieces = cutter.cut(text, from, to, atStart, work.pieces, work.morePieces);
    byte[] cut = pieces.text();
    for (int i = 0, start = pieces.start(0); i < pieces.size(); i++) {
      int end = pieces.end(i);
      if (!pieces.dropped(i)) {
        model.encode(cut, start, end, work);
      }
      start = end;
    }
  }

  private Workspace acquire() {
    for (int i = 0; i < idle.length(); i++) {
      Workspace work = idle.getAndSet(i, null);
      if (work != null) {
        return work;
      }
    }
    return model.workspace();
  }

  private void release(Workspace work) {
    if (work.isLarge()) {
      return;
    }
    for (int i = 0; i < idle.length(); i++) {
      if (idle.compareAndSet(i, null, work)) {
        return;
      }
    }
  }

  @Override
  public int[] addSpecial(int[] ids) {
    return wrapping.around(ids);
  }

  @Override
  public boolean addsBos() {
    return bos.isPresent()
        && wrapping.before().length > 0
        && wrapping.before()[0] == bos.getAsInt();
  }

  @Override
  public String decode(int[] ids) {
    long length = 0;
    for (int i = 0; i < ids.length; i++) {
      length += part(ids, i).length;
    }
    byte[] all = new byte[Math.toIntExact(length)];
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      byte[] part = part(ids, i);
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return Utf8.decode(all);
  }

  private byte[] part(int[] ids, int i) {
    byte[] usual = known(ids[i]);
    if (i == ids.length - 1 && spelling.lastDiffers()) {
      String name = name(ids[i]);
      return spelling.bytes(name, addedIds.containsKey(name), i == 0, true);
    }
    return i == 0 ? startBytes[ids[i]] : usual;
  }

  private String name(int id) {
    for (AddedToken token : spec.addedTokens()) {
      if (token.id() == id) {
        return token.content();
      }
    }
    return spec.model().vocabulary().name(id);
  }

  @Override
  public byte[] bytesAtStart(int id) {
    known(id);
    return startBytes[id].clone();
  }

  @Override
  public byte[] bytes(int id) {
    return known(id).clone();
  }

  @Override
  public boolean isSpecial(int id) {
    known(id);
    return special[id];
  }

  private byte[] known(int id) {
    if (id < 0 || id >= bytes.length || bytes[id] == null) {
      throw new IllegalArgumentException(
          "decode: no token has the id %d; the vocabulary has the ids 0 to %d%s"
              .formatted(id, bytes.length - 1, id >= 0 && id < bytes.length ? " with holes" : ""));
    }
    return bytes[id];
  }

  @Override
  public OptionalInt id(String token) {
    Integer added = addedIds.get(token);
    return added != null ? OptionalInt.of(added) : spec.model().vocabulary().id(token);
  }

  @Override
  public OptionalInt bos() {
    return bos;
  }

  @Override
  public OptionalInt eos() {
    return eos;
  }
}
