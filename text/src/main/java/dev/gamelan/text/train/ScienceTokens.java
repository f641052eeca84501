package dev.gamelan.text.train;

import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.split.MarkedSequences;
import dev.gamelan.text.split.SplitBehavior;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tokens for scientific texts, as in Galactica (Taylor et al., 2022): marks that stand in
 * documents, and kinds of sequences that are spelt one character a token between their markers,
 * {@code [START_KIND]} and {@code [END_KIND]}.
 *
 * <p>In {@code tokenizer.json}, marks are added tokens that aren't special, so that they are found
 * in every text. Markers can't be: added tokens are taken out first, and what cuts the sequences
 * must see where they begin. They are tokens of the model instead, and three patterns of the
 * pre-tokenizer take each sequence out, up to its end or the end of the text, cut it into its
 * markers and characters ({@code \G} goes on only behind a marker), and keep the markers whole.
 *
 * @param marks the marks
 * @param kinds names of the kinds of sequences, of the letters A to Z and underscores
 */
public record ScienceTokens(List<String> marks, List<String> kinds) {
  public ScienceTokens {
    marks = List.copyOf(marks);
    kinds = List.copyOf(kinds);
    for (String kind : kinds) {
      if (!kind.matches("[A-Z_]+")) {
        throw new IllegalArgumentException(
            "science tokens: the kind \"" + kind + "\" must be of the letters A to Z and _");
      }
    }
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException("science tokens: there must be one kind of sequence");
    }
  }

  /** Galactica's: references, working, sub- and superscripts; SMILES, proteins and DNA. */
  public static ScienceTokens galactica() {
    return new ScienceTokens(
        List.of(
            "[START_REF]",
            "[END_REF]",
            "[IMAGE]",
            "<fragments>",
            "</fragments>",
            "<work>",
            "</work>",
            "[START_SUP]",
            "[END_SUP]",
            "[START_SUB]",
            "[END_SUB]"),
        List.of("DNA", "AMINO", "SMILES", "I_SMILES"));
  }

  /** The markers, two for each kind. */
  public List<String> markers() {
    List<String> markers = new ArrayList<>();
    for (String kind : kinds) {
      markers.add("[START_" + kind + "]");
      markers.add("[END_" + kind + "]");
    }
    return markers;
  }

  /** Takes sequences with their markers out of a text. */
  PreTokenizer spans() {
    return split(MarkedSequences.spans(kinds));
  }

  /** Cuts a sequence into its markers and characters; leaves every other piece alone. */
  PreTokenizer characters() {
    return split(MarkedSequences.characters(kinds));
  }

  private static PreTokenizer split(String pattern) {
    return new PreTokenizer.Split(new TextPattern.Regex(pattern), SplitBehavior.ISOLATED, false);
  }

  /** A mark, which is found in every text. */
  static AddedToken added(int id, String mark) {
    return new AddedToken(id, mark, false, false, false, false, false);
  }

  /** What takes sequences out of a text, where there are any. */
  static PreTokenizer spans(Optional<ScienceTokens> science) {
    return science.map(ScienceTokens::spans).orElse(new PreTokenizer.Sequence(List.of()));
  }

  /** Whether {@code text[from, to)} begins with a marker. */
  boolean isMarked(byte[] text, int from, int to) {
    for (String marker : markers()) {
      if (marker.length() <= to - from && startsWith(text, from, marker)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(byte[] text, int from, String marker) {
    for (int i = 0; i < marker.length(); i++) {
      if (text[from + i] != marker.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A byte-level pre-tokenizer that cuts ordinary text as {@code plain} does and sequences into
   * characters.
   */
  PreTokenizer around(PreTokenizer plain) {
    List<PreTokenizer> all = new ArrayList<>(List.of(spans(), characters()));
    addKeepingMarkers(plain, all);
    return new PreTokenizer.Sequence(all);
  }

  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private void addKeepingMarkers(PreTokenizer plain, List<PreTokenizer> out) {
    switch (plain) {
      case PreTokenizer.Sequence(List<PreTokenizer> each) ->
          each.forEach(one -> addKeepingMarkers(one, out));
      case PreTokenizer.ByteLevel b -> {
        if (b.useRegex()) {
          out.add(split(MarkedSequences.wholeOr(kinds, GPT2)));
        }
        out.add(new PreTokenizer.ByteLevel(b.addPrefixSpace(), b.trimOffsets(), false));
      }
      case PreTokenizer.Split(TextPattern.Regex(String expression), SplitBehavior how, boolean not)
          when how == SplitBehavior.ISOLATED && !not ->
          out.add(split(MarkedSequences.wholeOr(kinds, expression)));
      case PreTokenizer.Digits d -> out.add(d);
      case PreTokenizer.Split _,
          PreTokenizer.Metaspace _,
          PreTokenizer.Bert _,
          PreTokenizer.Whitespace _,
          PreTokenizer.WhitespaceSplit _,
          PreTokenizer.Punctuation _,
          PreTokenizer.CharDelimiterSplit _,
          PreTokenizer.UnicodeScripts _ ->
          throw new IllegalArgumentException(
              "science tokens: they can't be had with the pre-tokenizer " + plain);
    }
  }
}
