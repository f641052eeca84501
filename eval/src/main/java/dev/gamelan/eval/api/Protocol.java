package dev.gamelan.eval.api;

import dev.gamelan.eval.local.GenerationArguments;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** How a question is written and an answer read. */
sealed interface Protocol {
  /** An answer that isn't what the protocol says; it may be better the next time. */
  final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  /** Below the base address. */
  String path(ApiSettings settings);

  Map<String, String> headers(String key);

  ObjectNode body(ApiSettings settings, Asked asked);

  Reply read(JsonNode body) throws Malformed;

  static Protocol of(ApiSettings settings) {
    return switch (settings.provider()) {
      case OPENAI -> settings.completions() ? new Completions() : new Chat();
      case ANTHROPIC -> new Messages();
      case GEMINI -> new Contents();
    };
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static JsonNode first(JsonNode body, String list) throws Malformed {
    JsonNode first = body.path(list).path(0);
    if (!first.isObject()) {
      throw new Malformed("an answer without " + list);
    }
    return first;
  }

  private static void sampling(ObjectNode body, ApiSettings settings, Asked asked) {
    GenerationArguments a = asked.arguments();
    body.put("model", settings.model()).put(settings.tokenField(), a.maxTokens());
    body.put("temperature", a.temperature());
    if (a.temperature() > 0 && a.topP() < 1) {
      body.put("top_p", a.topP());
    }
    if (a.temperature() > 0 && a.topK() > 0) {
      body.put("top_k", a.topK());
    }
    body.put("seed", 1234 + asked.repeat());
    stops(body, "stop", asked.stops(4));
  }

  private static void stops(ObjectNode body, String field, List<String> stops) {
    if (!stops.isEmpty()) {
      ArrayNode list = body.putArray(field);
      stops.forEach(list::add);
    }
  }

  private static Reply openAi(JsonNode body, String text, boolean blocked) {
    JsonNode usage = body.path("usage");
    return new Reply(
        text,
        blocked,
        usage.path("prompt_tokens").asLong(0),
        usage.path("completion_tokens").asLong(0));
  }

  private static Map<String, String> bearer(String key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key);
  }

  /** OpenAI's chat. */
  record Chat() implements Protocol {
    @Override
    public String path(ApiSettings settings) {
      return "/chat/completions";
    }

    @Override
    public Map<String, String> headers(String key) {
      return bearer(key);
    }

    @Override
    public ObjectNode body(ApiSettings settings, Asked asked) {
      ObjectNode body = object();
      ArrayNode messages = body.putArray("messages");
      asked
          .messages()
          .forEach(m -> messages.addObject().put("role", m.role()).put("content", m.content()));
      sampling(body, settings, asked);
      return body;
    }

    @Override
    public Reply read(JsonNode body) throws Malformed {
      JsonNode choice = first(body, "choices");
      JsonNode message = choice.path("message");
      if (!message.isObject()) {
        throw new Malformed("a choice without a message");
      }
      boolean refused = message.path("refusal").isString();
      String text = message.path(refused ? "refusal" : "content").asString("");
      return openAi(body, text, choice.path("finish_reason").asString("").equals("content_filter"));
    }
  }

  /** OpenAI's older continuation of texts, which base models have. */
  record Completions() implements Protocol {
    @Override
    public String path(ApiSettings settings) {
      return "/completions";
    }

    @Override
    public Map<String, String> headers(String key) {
      return bearer(key);
    }

    @Override
    public ObjectNode body(ApiSettings settings, Asked asked) {
      if (asked.messages().size() != 1) {
        throw new IllegalArgumentException(
            "--model-args interface=completions continues a text and knows no chat; leave out --apply-chat-template");
      }
      ObjectNode body = object().put("prompt", asked.messages().getFirst().content());
      sampling(body, settings, asked);
      body.remove("max_completion_tokens");
      body.put("max_tokens", asked.arguments().maxTokens());
      return body;
    }

    @Override
    public Reply read(JsonNode body) throws Malformed {
      JsonNode choice = first(body, "choices");
      if (!choice.path("text").isString()) {
        throw new Malformed("a choice without a text");
      }
      return openAi(
          body,
          choice.get("text").stringValue(),
          choice.path("finish_reason").asString("").equals("content_filter"));
    }
  }

  /** Anthropic's messages. */
  record Messages() implements Protocol {
    @Override
    public String path(ApiSettings settings) {
      return "/messages";
    }

    @Override
    public Map<String, String> headers(String key) {
      return key.isEmpty()
          ? Map.of("anthropic-version", "2023-06-01")
          : Map.of("anthropic-version", "2023-06-01", "x-api-key", key);
    }

    @Override
    public ObjectNode body(ApiSettings settings, Asked asked) {
      GenerationArguments a = asked.arguments();
      ObjectNode body = object().put("model", settings.model()).put("max_tokens", a.maxTokens());
      ArrayNode messages = body.putArray("messages");
      for (Asked.Message m : asked.messages()) {
        if (m.role().equals("system")) {
          body.put("system", m.content());
        } else {
          messages.addObject().put("role", m.role()).put("content", m.content());
        }
      }
      body.put("temperature", Math.min(1, a.temperature()));
      if (a.temperature() > 0 && a.topP() < 1) {
        body.put("top_p", a.topP());
      }
      if (a.temperature() > 0 && a.topK() > 0) {
        body.put("top_k", a.topK());
      }
      stops(body, "stop_sequences", asked.stops(Integer.MAX_VALUE));
      return body;
    }

    @Override
    public Reply read(JsonNode body) throws Malformed {
      if (!body.path("content").isArray()) {
        throw new Malformed("an answer without content");
      }
      StringBuilder text = new StringBuilder();
      for (JsonNode block : body.get("content")) {
        text.append(block.path("text").asString(""));
      }
      return new Reply(
          text.toString(),
          body.path("stop_reason").asString("").equals("refusal"),
          body.path("usage").path("input_tokens").asLong(0),
          body.path("usage").path("output_tokens").asLong(0));
    }
  }

  /** Gemini's contents. */
  record Contents() implements Protocol {
    @Override
    public String path(ApiSettings settings) {
      return "/models/" + settings.model() + ":generateContent";
    }

    @Override
    public Map<String, String> headers(String key) {
      return key.isEmpty() ? Map.of() : Map.of("x-goog-api-key", key);
    }

    @Override
    public ObjectNode body(ApiSettings settings, Asked asked) {
      GenerationArguments a = asked.arguments();
      ObjectNode body = object();
      ArrayNode contents = body.putArray("contents");
      for (Asked.Message m : asked.messages()) {
        boolean system = m.role().equals("system");
        ObjectNode turn = system ? body.putObject("systemInstruction") : contents.addObject();
        if (!system) {
          turn.put("role", m.role().equals("assistant") ? "model" : "user");
        }
        turn.putArray("parts").addObject().put("text", m.content());
      }
      ObjectNode config = body.putObject("generationConfig");
      config.put("maxOutputTokens", a.maxTokens()).put("temperature", a.temperature());
      if (a.temperature() > 0 && a.topP() < 1) {
        config.put("topP", a.topP());
      }
      if (a.temperature() > 0 && a.topK() > 0) {
        config.put("topK", a.topK());
      }
      stops(config, "stopSequences", asked.stops(5));
      return body;
    }

    @Override
    public Reply read(JsonNode body) throws Malformed {
      boolean blocked = body.path("promptFeedback").has("blockReason");
      if (!blocked && !body.path("candidates").path(0).isObject()) {
        throw new Malformed("an answer without candidates");
      }
      JsonNode candidate = body.path("candidates").path(0);
      String why = candidate.path("finishReason").asString("STOP");
      StringBuilder text = new StringBuilder();
      for (JsonNode part : candidate.path("content").path("parts")) {
        text.append(part.path("thought").asBoolean(false) ? "" : part.path("text").asString(""));
      }
      JsonNode usage = body.path("usageMetadata");
      return new Reply(
          text.toString(),
          blocked || List.of("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII").contains(why),
          usage.path("promptTokenCount").asLong(0),
          usage.path("candidatesTokenCount").asLong(0)
              + usage.path("thoughtsTokenCount").asLong(0));
    }
  }
}
