package dev.gamelan.text.hf;

import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.split.SplitBehavior;
import dev.gamelan.text.word.UnigramSpec;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes {@code tokenizer.json} as the {@code tokenizers} library does. */
final class TokenizerWriter {
  private TokenizerWriter() {}

  private interface Body {
    void write(JsonGenerator out);
  }

  static void write(TokenizerSpec spec, Path folder) throws IOException {
    Files.createDirectories(folder);
    atomically(folder.resolve("tokenizer_config.json"), out -> out.writeTree(config(spec)));
    atomically(folder.resolve("tokenizer.json"), out -> tokenizer(spec, out));
  }

  private static void atomically(Path target, Body body) throws IOException {
    Path temporary = Files.createTempFile(target.getParent(), target.getFileName() + ".", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        OutputStream bytes = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        try (JsonGenerator out =
            TokenizerFiles.MAPPER
                .writerWithDefaultPrettyPrinter()
                .without(tools.jackson.core.StreamWriteFeature.AUTO_CLOSE_TARGET)
                .createGenerator(bytes)) {
          body.write(out);
        }
        bytes.flush();
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static ObjectNode config(TokenizerSpec spec) {
    ObjectNode config = TokenizerFiles.MAPPER.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("clean_up_tokenization_spaces", false);
    spec.bos().ifPresent(name -> config.put("bos_token", name));
    spec.eos().ifPresent(name -> config.put("eos_token", name));
    return config;
  }

  private static void tokenizer(TokenizerSpec spec, JsonGenerator out) {
    out.writeStartObject();
    out.writeStringProperty("version", "1.0");
    tree(out, "truncation", spec.truncation());
    tree(out, "padding", spec.padding());
    out.writeName("added_tokens");
    out.writeStartArray();
    for (AddedToken token : spec.addedTokens()) {
      out.writeStartObject();
      out.writeNumberProperty("id", token.id());
      out.writeStringProperty("content", token.content());
      out.writeBooleanProperty("single_word", token.singleWord());
      out.writeBooleanProperty("lstrip", token.lstrip());
      out.writeBooleanProperty("rstrip", token.rstrip());
      out.writeBooleanProperty("normalized", token.normalized());
      out.writeBooleanProperty("special", token.special());
      out.writeEndObject();
    }
    out.writeEndArray();
    tree(out, "normalizer", spec.normalizer().map(TokenizerWriter::normalizer));
    tree(out, "pre_tokenizer", spec.preTokenizer().map(TokenizerWriter::preTokenizer));
    tree(out, "post_processor", spec.postProcessor());
    tree(out, "decoder", spec.decoder());
    out.writeName("model");
    model(spec.model(), out);
    out.writeEndObject();
  }

  private static void model(ModelSpec model, JsonGenerator out) {
    out.writeStartObject();
    switch (model) {
      case ModelSpec.Bpe(BpeSpec bpe) -> bpe(bpe, out);
      case ModelSpec.Unigram(UnigramSpec unigram) -> unigram(unigram, out);
      case ModelSpec.WordPiece w -> {
        out.writeStringProperty("type", "WordPiece");
        out.writeStringProperty("unk_token", w.unk());
        out.writeStringProperty("continuing_subword_prefix", w.prefix());
        out.writeNumberProperty("max_input_chars_per_word", w.longest());
        vocabulary(w.vocabulary(), out);
      }
      case ModelSpec.WordLevel w -> {
        out.writeStringProperty("type", "WordLevel");
        vocabulary(w.vocabulary(), out);
        out.writeStringProperty("unk_token", w.unk());
      }
    }
    out.writeEndObject();
  }

  private static void unigram(UnigramSpec unigram, JsonGenerator out) {
    out.writeStringProperty("type", "Unigram");
    if (unigram.unk().isPresent()) {
      out.writeNumberProperty("unk_id", unigram.unk().getAsInt());
    } else {
      out.writeNullProperty("unk_id");
    }
    out.writeName("vocab");
    out.writeStartArray();
    for (int id = 0; id < unigram.scores().length; id++) {
      out.writeStartArray();
      out.writeString(unigram.vocabulary().name(id));
      out.writeNumber(unigram.scores()[id]);
      out.writeEndArray();
    }
    out.writeEndArray();
    out.writeBooleanProperty("byte_fallback", unigram.byteFallback());
  }

  private static void vocabulary(Vocabulary vocabulary, JsonGenerator out) {
    out.writeName("vocab");
    out.writeStartObject();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.has(id)) {
        out.writeNumberProperty(vocabulary.name(id), id);
      }
    }
    out.writeEndObject();
  }

  private static void bpe(BpeSpec model, JsonGenerator out) {
    Vocabulary vocabulary = model.vocabulary();
    out.writeStringProperty("type", "BPE");
    out.writeNullProperty("dropout");
    text(out, "unk_token", model.unk());
    text(out, "continuing_subword_prefix", model.continuingSubwordPrefix());
    text(out, "end_of_word_suffix", model.endOfWordSuffix());
    out.writeBooleanProperty("fuse_unk", model.fuseUnk());
    out.writeBooleanProperty("byte_fallback", model.byteFallback());
    out.writeBooleanProperty("ignore_merges", model.ignoreMerges());
    vocabulary(vocabulary, out);
    out.writeName("merges");
    out.writeStartArray();
    for (int i = 0; i < model.left().length; i++) {
      out.writeStartArray();
      out.writeString(vocabulary.name(model.left()[i]));
      out.writeString(vocabulary.name(model.right()[i]));
      out.writeEndArray();
    }
    out.writeEndArray();
  }

  private static void text(JsonGenerator out, String key, Optional<String> value) {
    if (value.isPresent()) {
      out.writeStringProperty(key, value.get());
    } else {
      out.writeNullProperty(key);
    }
  }

  private static void tree(JsonGenerator out, String key, Optional<? extends JsonNode> value) {
    out.writeName(key);
    if (value.isPresent()) {
      out.writeTree(value.get());
    } else {
      out.writeNull();
    }
  }

  private static ObjectNode normalizer(TextNormalizer normalizer) {
    ObjectNode node = TokenizerFiles.MAPPER.createObjectNode();
    switch (normalizer) {
      case TextNormalizer.Unicode(var form) -> node.put("type", form.name());
      case TextNormalizer.Lowercase() -> node.put("type", "Lowercase");
      case TextNormalizer.StripAccents() -> node.put("type", "StripAccents");
      case TextNormalizer.Nmt() -> node.put("type", "Nmt");
      case BertNormalizer bert -> {
        node.put("type", "BertNormalizer");
        node.put("clean_text", bert.cleanText());
        node.put("handle_chinese_chars", bert.handleChineseChars());
        bert.stripAccents()
            .ifPresentOrElse(
                strips -> node.put("strip_accents", strips), () -> node.putNull("strip_accents"));
        node.put("lowercase", bert.lowercase());
      }
      case PrecompiledNormalizer(String base64, _) ->
          node.put("type", "Precompiled").put("precompiled_charsmap", base64);
      case TextNormalizer.Prepend(String text) -> node.put("type", "Prepend").put("prepend", text);
      case TextNormalizer.Strip(boolean left, boolean right) ->
          node.put("type", "Strip").put("strip_left", left).put("strip_right", right);
      case TextNormalizer.Replace(TextPattern pattern, String content, _) -> {
        node.put("type", "Replace");
        node.set("pattern", pattern(pattern));
        node.put("content", content);
      }
      case TextNormalizer.Sequence(var normalizers) -> {
        ArrayNode list = node.put("type", "Sequence").putArray("normalizers");
        normalizers.forEach(each -> list.add(normalizer(each)));
      }
    }
    return node;
  }

  private static ObjectNode preTokenizer(PreTokenizer preTokenizer) {
    ObjectNode node = TokenizerFiles.MAPPER.createObjectNode();
    switch (preTokenizer) {
      case PreTokenizer.ByteLevel b ->
          node.put("type", "ByteLevel")
              .put("add_prefix_space", b.addPrefixSpace())
              .put("trim_offsets", b.trimOffsets())
              .put("use_regex", b.useRegex());
      case PreTokenizer.Split s -> {
        node.put("type", "Split");
        node.set("pattern", pattern(s.pattern()));
        node.put("behavior", behavior(s.behavior()));
        node.put("invert", s.invert());
      }
      case PreTokenizer.Metaspace m ->
          node.put("type", "Metaspace")
              .put("replacement", m.replacement())
              .put("prepend_scheme", m.prepend().name().toLowerCase(Locale.ROOT))
              .put("split", m.split());
      case PreTokenizer.Bert() -> node.put("type", "BertPreTokenizer");
      case PreTokenizer.Whitespace() -> node.put("type", "Whitespace");
      case PreTokenizer.WhitespaceSplit() -> node.put("type", "WhitespaceSplit");
      case PreTokenizer.Punctuation(var behavior) ->
          node.put("type", "Punctuation").put("behavior", behavior(behavior));
      case PreTokenizer.CharDelimiterSplit(String delimiter) ->
          node.put("type", "CharDelimiterSplit").put("delimiter", delimiter);
      case PreTokenizer.UnicodeScripts() -> node.put("type", "UnicodeScripts");
      case PreTokenizer.Digits d ->
          node.put("type", "Digits").put("individual_digits", d.individualDigits());
      case PreTokenizer.Sequence s -> {
        ArrayNode list = node.put("type", "Sequence").putArray("pretokenizers");
        s.pretokenizers().forEach(each -> list.add(preTokenizer(each)));
      }
    }
    return node;
  }

  private static String behavior(SplitBehavior behavior) {
    return switch (behavior) {
      case REMOVED -> "Removed";
      case ISOLATED -> "Isolated";
      case MERGED_WITH_PREVIOUS -> "MergedWithPrevious";
      case MERGED_WITH_NEXT -> "MergedWithNext";
      case CONTIGUOUS -> "Contiguous";
    };
  }

  private static ObjectNode pattern(TextPattern pattern) {
    ObjectNode node = TokenizerFiles.MAPPER.createObjectNode();
    return switch (pattern) {
      case TextPattern.Literal(String text) -> node.put("String", text);
      case TextPattern.Regex(String expression) -> node.put("Regex", expression);
    };
  }
}
