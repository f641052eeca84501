package dev.gamelan.app.chat;

import dev.gamelan.model.Model;
import dev.gamelan.model.checkpoint.GgufModel;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.template.ChatTemplate;
import dev.gamelan.text.template.ModelTemplates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a model wants a conversation written: its chat template with the names of its special tokens.
 */
public final class ChatFormat {
  private final ChatTemplate template;
  private final Map<String, String> tokens;

  private ChatFormat(ChatTemplate template, Map<String, String> tokens) {
    this.template = template;
    this.tokens = Map.copyOf(tokens);
  }

  /**
   * The format of a model.
   *
   * @param path its folder or file
   * @param own a Jinja template to use instead of the model's
   * @throws IllegalArgumentException if there is none
   */
  public static ChatFormat open(Path path, Model model, Optional<Path> own) throws IOException {
    Map<String, String> tokens = new HashMap<>();
    Tokenizer tokenizer = model.tokenizer();
    name(tokenizer, tokenizer.bos()).ifPresent(t -> tokens.put("bos_token", t));
    name(tokenizer, tokenizer.eos()).ifPresent(t -> tokens.put("eos_token", t));
    if (own.isPresent()) {
      String source = Files.readString(own.get(), StandardCharsets.UTF_8);
      return new ChatFormat(ChatTemplate.parse(own.get().toString(), source), tokens);
    }
    if (Files.isDirectory(path)) {
      ModelTemplates templates = ModelTemplates.open(path);
      tokens.putAll(templates.specialTokens());
      return new ChatFormat(templates.choose(false), tokens);
    }
    Optional<String> carried = GgufModel.is(path) ? GgufModel.chatTemplate(path) : Optional.empty();
    String source =
        carried.orElseThrow(
            () ->
                new IllegalArgumentException(
                    path
                        + " has no chat template; continue a text with 'generate', or give"
                        + " --chat-template FILE"));
    return new ChatFormat(ChatTemplate.parse(path + ", chat_template", source), tokens);
  }

  private static Optional<String> name(Tokenizer tokenizer, OptionalInt id) {
    return id.isPresent()
        ? Optional.of(new String(tokenizer.bytes(id.getAsInt()), StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /**
   * The text of a conversation.
   *
   * @param open whether the model's next answer begins at its end
   */
  public String render(List<Message> messages, boolean open) {
    Map<String, Object> context = new LinkedHashMap<>(tokens);
    context.put(
        "messages",
        messages.stream().map(m -> Map.of("role", m.role(), "content", m.content())).toList());
    context.put("add_generation_prompt", open);
    return template.render(context).text();
  }

  /** The special token that the template writes behind an answer, where it writes one. */
  OptionalInt endOfTurn(Tokenizer tokenizer) {
    String marker = "Yes, 4711.";
    String whole =
        render(
            List.of(new Message("user", "Is it 4711?"), new Message("assistant", marker)), false);
    int at = whole.lastIndexOf(marker);
    if (at < 0) {
      return OptionalInt.empty();
    }
    String rest = whole.substring(at + marker.length()).strip();
    int[] ids = tokenizer.encode(rest, Tokenizer.Special.PARSE);
    return ids.length > 0 && tokenizer.isSpecial(ids[0])
        ? OptionalInt.of(ids[0])
        : OptionalInt.empty();
  }
}
