package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.ByteAlphabet;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What tokens read as: {@code decoder} of tokenizer.json, token by token. A text is what its tokens
 * read as in a row, which depends on whether they are its first or last.
 */
final class Spelling {
  private static final List<String> SUPPORTED =
      List.of(
          "ByteLevel",
          "Replace",
          "ByteFallback",
          "Fuse",
          "Strip",
          "Metaspace",
          "WordPiece",
          "BPEDecoder",
          "Sequence");
  private static final String[][] CLEANUP = {
    {" .", "."},
    {" ?", "?"},
    {" !", "!"},
    {" ,", ","},
    {" ' ", "'"},
    {" n't", "n't"},
    {" 'm", "'m"},
    {" do not", " don't"},
    {" 's", "'s"},
    {" 've", "'ve"},
    {" 're", "'re"}
  };

  private sealed interface Step {
    record Bytes() implements Step {}

    record Replace(TextNormalizer normalizer) implements Step {}

    record ByteFallback() implements Step {}

    record Fuse() implements Step {}

    record Strip(String content, int start, int stop) implements Step {}

    record Metaspace(String replacement, boolean dropsFirst) implements Step {}

    record WordPiece(String prefix, boolean cleanup) implements Step {}

    record Suffix(String suffix) implements Step {}

    record Spaced() implements Step {}
  }

  private final List<Step> steps = new ArrayList<>();

  private Spelling() {}

  /** Of a decoder; without one, tokens stand with spaces between them. */
  static Spelling of(Optional<JsonNode> decoder) {
    Spelling spelling = new Spelling();
    if (decoder.isPresent()) {
      spelling.add(Json.object(decoder.get(), "decoder"));
    } else {
      spelling.steps.add(new Step.Spaced());
    }
    return spelling;
  }

  private void add(Json json) {
    if (steps.contains(new Step.Bytes())) {
      throw new InvalidTokenizerException(
          json.path() + ": a decoder after ByteLevel is not supported; ByteLevel must be the last");
    }
    String type = json.text("type");
    switch (type) {
      case "ByteLevel" -> {
        // The decoder of bytes has no use for these.
        List.of("add_prefix_space", "trim_offsets", "use_regex").forEach(json::obsolete);
        steps.add(new Step.Bytes());
      }
      case "Replace" ->
          steps.add(
              new Step.Replace(
                  TextNormalizer.replace(
                      PipelineReader.pattern(json.child("pattern")), json.text("content"))));
      case "ByteFallback" -> steps.add(new Step.ByteFallback());
      case "Fuse" -> steps.add(new Step.Fuse());
      case "Strip" ->
          steps.add(
              new Step.Strip(json.text("content"), json.integer("start"), json.integer("stop")));
      case "Metaspace" -> {
        PreTokenizer.Metaspace m = PipelineReader.metaspace(json);
        steps.add(
            new Step.Metaspace(
                m.replacement(), m.prepend() != PreTokenizer.Metaspace.Prepend.NEVER));
      }
      case "WordPiece" ->
          steps.add(new Step.WordPiece(json.text("prefix"), json.flag("cleanup", true)));
      case "BPEDecoder" -> steps.add(new Step.Suffix(json.text("suffix")));
      case "Sequence" -> json.children("decoders").forEach(this::add);
      default -> throw json.unsupported(type, SUPPORTED);
    }
    json.done();
  }

  /** Whether the first token of a text may read otherwise than one behind others. */
  boolean firstDiffers() {
    for (Step step : steps) {
      boolean differs =
          switch (step) {
            case Step.Strip _ -> true;
            case Step.Metaspace(_, boolean dropsFirst) -> dropsFirst;
            case Step.WordPiece _ -> true;
            case Step.Spaced() -> true;
            case Step.Bytes() -> false;
            case Step.Replace _ -> false;
            case Step.ByteFallback() -> false;
            case Step.Fuse() -> false;
            case Step.Suffix _ -> false;
          };
      if (differs) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last token of a text reads otherwise than one before others. */
  boolean lastDiffers() {
    for (Step step : steps) {
      if (step instanceof Step.Suffix) {
        return true;
      }
    }
    return false;
  }

  /**
   * What a token reads as.
   *
   * @param name its name
   * @param added whether it is an added token, whose name is plain text in byte-level vocabularies
   */
  byte[] bytes(String name, boolean added, boolean first, boolean last) {
    String s = name;
    boolean fused = false;
    int raw = -1;
    for (Step step : steps) {
      switch (step) {
        case Step.Bytes() -> {
          return added ? Utf8.encode(s) : ByteAlphabet.bytes(s);
        }
        case Step.Replace(TextNormalizer normalizer) -> s = raw < 0 ? normalizer.apply(s) : s;
        case Step.ByteFallback() -> raw = byteOf(s);
        case Step.Fuse() -> fused = true;
        case Step.Strip strip -> {
          boolean empties =
              raw >= 0 && strip.content().equals(String.valueOf((char) raw)) && strip.start() > 0;
          if (raw >= 0 && empties && (first || !fused)) {
            return new byte[0];
          }
          s = strip(s, strip, first || !fused, last || !fused);
        }
        case Step.Metaspace(String replacement, boolean dropsFirst) ->
            s = s.replace(replacement, first && dropsFirst ? "" : " ");
        case Step.WordPiece(String prefix, boolean cleanup) -> {
          if (!first) {
            s = s.startsWith(prefix) ? s.substring(prefix.length()) : " " + s;
          }
          s = cleanup ? cleaned(s) : s;
        }
        case Step.Suffix(String suffix) -> s = s.replace(suffix, last ? "" : " ");
        case Step.Spaced() -> s = first ? s : " " + s;
      }
    }
    return raw < 0 ? Utf8.encode(s) : new byte[] {(byte) raw};
  }

  private static int byteOf(String s) {
    if (s.length() != 6 || !s.startsWith("<0x") || s.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(s.charAt(3), 16);
    int low = Character.digit(s.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static String strip(String s, Step.Strip strip, boolean atStart, boolean atEnd) {
    int from = 0;
    int to = s.length();
    int width = strip.content().length();
    for (int i = 0; atStart && i < strip.start() && s.startsWith(strip.content(), from); i++) {
      from += width;
    }
    for (int i = 0; atEnd && i < strip.stop() && to - width >= from; i++) {
      if (!s.startsWith(strip.content(), to - width)) {
        break;
      }
      to -= width;
    }
    return s.substring(from, to);
  }

  private static String cleaned(String s) {
    for (String[] rule : CLEANUP) {
      s = s.replace(rule[0], rule[1]);
    }
    return s;
  }
}
