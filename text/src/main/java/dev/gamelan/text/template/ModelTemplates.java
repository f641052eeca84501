package dev.gamelan.text.template;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The chat templates in a model's folder: {@code chat_template.jinja} with {@code
 * additional_chat_templates/*.jinja}, else {@code chat_template.json}, else the {@code
 * chat_template} of {@code tokenizer_config.json} (gzipped or not): one text, or several by name.
 *
 * @param templates the templates by name; a single one is called {@code default}
 * @param specialTokens {@code bos_token}, {@code eos_token} and the like, as templates speak of
 *     them
 */
public record ModelTemplates(
    Map<String, ChatTemplate> templates, Map<String, String> specialTokens) {
  private static final int MAX_BYTES = 64 << 20;
  private static final List<String> TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /** Keeps copies. */
  public ModelTemplates {
    templates = Map.copyOf(templates);
    specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException the folder has no template, or what should be one isn't
   */
  public static ModelTemplates open(Path folder) throws IOException {
    JsonNode config = JsonMapper.shared().createObjectNode();
    Path configFile = folder.resolve("tokenizer_config.json");
    for (Path file : List.of(configFile, folder.resolve("tokenizer_config.json.gz"))) {
      if (Files.exists(file)) {
        config = json(file);
        configFile = file;
        break;
      }
    }
    Map<String, ChatTemplate> templates = new LinkedHashMap<>();
    Path single = folder.resolve("chat_template.jinja");
    Path processor = folder.resolve("chat_template.json");
    if (Files.exists(single)) {
      templates.put("default", ChatTemplate.parse(single.toString(), text(single)));
      Path more = folder.resolve("additional_chat_templates");
      if (Files.isDirectory(more)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(more, "*.jinja")) {
          for (Path file : files) {
            String name = file.getFileName().toString();
            templates.put(
                name.substring(0, name.length() - ".jinja".length()),
                ChatTemplate.parse(file.toString(), text(file)));
          }
        }
      }
    } else if (Files.exists(processor)) {
      add(templates, processor, json(processor).path("chat_template"));
    } else {
      add(templates, configFile, config.path("chat_template"));
    }
    if (templates.isEmpty()) {
      throw new IllegalArgumentException(
          folder
              + ": no chat template; looked for chat_template.jinja, chat_template.json and the key"
              + " chat_template of tokenizer_config.json");
    }
    return new ModelTemplates(templates, tokens(config));
  }

  /**
   * The template to render a conversation with: as Transformers chooses, {@code tool_use} where
   * there are tools and such a template, else {@code default}.
   *
   * @throws IllegalArgumentException there is no {@code default} among several
   */
  public ChatTemplate choose(boolean tools) {
    if (tools && templates.containsKey("tool_use")) {
      return templates.get("tool_use");
    }
    if (!templates.containsKey("default")) {
      throw new IllegalArgumentException(
          "none of the model's chat templates is called default; there are "
              + templates.keySet().stream().sorted().toList());
    }
    return templates.get("default");
  }

  private static void add(Map<String, ChatTemplate> templates, Path file, JsonNode found) {
    String name = file + ", chat_template";
    if (found.isString()) {
      templates.put("default", ChatTemplate.parse(name, found.stringValue()));
    } else if (found.isArray()) {
      for (JsonNode one : found) {
        if (!one.path("name").isString() || !one.path("template").isString()) {
          throw new IllegalArgumentException(
              name + ": a list of objects with name and template is needed");
        }
        String called = one.get("name").stringValue();
        templates.put(
            called, ChatTemplate.parse(name + " " + called, one.get("template").stringValue()));
      }
    } else if (!found.isMissingNode() && !found.isNull()) {
      throw new IllegalArgumentException(name + ": a string or a list is needed");
    }
  }

  private static Map<String, String> tokens(JsonNode config) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : TOKENS) {
      JsonNode token = config.path(name);
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (content.isString()) {
        tokens.put(name, content.stringValue());
      }
    }
    return tokens;
  }

  private static JsonNode json(Path file) throws IOException {
    try {
      JsonNode node = JsonMapper.shared().readTree(text(file));
      if (!node.isObject()) {
        throw new IllegalArgumentException(file + ": a JSON object is needed");
      }
      return node;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream plain = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(plain) : plain) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IllegalArgumentException(file + ": more than " + MAX_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
