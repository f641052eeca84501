package dev.gamelan.eval.api;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which model of which service, and how fast it may be asked.
 *
 * @param base the address before {@code /chat/completions}, {@code /messages} or {@code /models}
 * @param model its name there
 * @param completions whether texts are continued by OpenAI's older completions instead of a chat
 * @param tokenField what OpenAI's servers call the limit of an answer's tokens
 * @param keyVariable the environment variable with the key, where it was named
 * @param concurrency requests at the same time
 * @param timeout of a request, its answer included
 * @param retries of a request that failed for a reason that may pass
 * @param requestsPerMinute 0 = no limit
 * @param tokensPerMinute estimated, of questions and answers; 0 = no limit
 */
public record ApiSettings(
    Provider provider,
    URI base,
    String model,
    boolean completions,
    String tokenField,
    Optional<String> keyVariable,
    int concurrency,
    Duration timeout,
    int retries,
    double requestsPerMinute,
    double tokensPerMinute) {
  private static final List<String> KNOWN =
      List.of(
          "model",
          "interface",
          "token_field",
          "api_key_env",
          "num_concurrent",
          "timeout",
          "max_retries",
          "requests_per_minute",
          "tokens_per_minute");

  public ApiSettings {
    if (concurrency < 1
        || concurrency > 1024
        || timeout.toMillis() < 1
        || retries < 0
        || !(requestsPerMinute >= 0)
        || !(tokensPerMinute >= 0)) {
      throw new IllegalArgumentException(
          "--model-args: num_concurrent is 1 to 1024, timeout above 0 s, max_retries and the limits a minute at least 0");
    }
    if (completions && provider != Provider.OPENAI) {
      throw new IllegalArgumentException(
          "--model-args interface=completions: " + provider.key() + " has only a chat");
    }
  }

  /** Whether a model's name is of such a service. */
  public static boolean is(String name) {
    for (Provider provider : Provider.values()) {
      if (name.startsWith(provider.key() + ":")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads a name, {@code openai:http://host/v1} or {@code openai:MODEL} for the provider's own
   * service, and {@code key=value,…}.
   *
   * @throws IllegalArgumentException something isn't known or has no sense
   */
  public static ApiSettings of(String name, String arguments) {
    String[] parts = name.split(":", 2);
    Provider provider = null;
    for (Provider each : Provider.values()) {
      provider = each.key().equals(parts[0]) ? each : provider;
    }
    if (provider == null || parts.length < 2 || parts[1].isBlank()) {
      throw new IllegalArgumentException(
          "--model %s: needs openai:, anthropic: or gemini: and an address or a model's name"
              .formatted(name));
    }
    Map<String, String> given = pairs(arguments);
    boolean addressed = parts[1].startsWith("http://") || parts[1].startsWith("https://");
    URI base = addressed ? address(parts[1]) : provider.home();
    String model = given.getOrDefault("model", addressed ? "" : parts[1]);
    if (model.isEmpty()) {
      throw new IllegalArgumentException(
          "--model %s: which model there? --model-args model=NAME".formatted(name));
    }
    String field =
        given.getOrDefault(
            "token_field",
            base.equals(Provider.OPENAI.home()) ? "max_completion_tokens" : "max_tokens");
    String way = given.getOrDefault("interface", "chat");
    if (!way.equals("chat") && !way.equals("completions")) {
      throw new IllegalArgumentException(
          "--model-args interface=%s: it is chat or completions".formatted(way));
    }
    return new ApiSettings(
        provider,
        base,
        model,
        way.equals("completions"),
        field,
        Optional.ofNullable(given.get("api_key_env")),
        (int) number(given, "num_concurrent", 4),
        Duration.ofMillis(Math.round(1000 * number(given, "timeout", 300))),
        (int) number(given, "max_retries", 6),
        number(given, "requests_per_minute", 0),
        number(given, "tokens_per_minute", 0));
  }

  private static URI address(String text) {
    try {
      URI uri = URI.create(text.replaceAll("/+$", ""));
      if (uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
        throw new IllegalArgumentException("no host, or more than an address");
      }
      return uri;
    } catch (IllegalArgumentException e) {
      // The text isn't repeated: somebody may have put a key into it.
      throw new IllegalArgumentException(
          "--model: the address must be like http://host/v1, without user, key or query");
    }
  }

  private static Map<String, String> pairs(String arguments) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String each : arguments.split(",")) {
      if (each.isBlank()) {
        continue;
      }
      String[] pair = each.split("=", 2);
      String key = pair[0].strip();
      if (key.equals("api_key") || key.equals("key")) {
        throw new IllegalArgumentException(
            "--model-args: keys don't belong on a command line, which others see; set the environment variable");
      }
      if (pair.length < 2 || !KNOWN.contains(key)) {
        throw new IllegalArgumentException(
            "--model-args: '%s' isn't known; known are %s, each as name=value"
                .formatted(key, KNOWN));
      }
      pairs.put(key, pair[1].strip());
    }
    return pairs;
  }

  private static double number(Map<String, String> given, String key, double otherwise) {
    String text = given.get(key);
    try {
      return text == null ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--model-args %s=%s: a number is needed".formatted(key, text), e);
    }
  }

  /**
   * The key. Over plain http it goes to this machine only, unless its variable was named on
   * purpose.
   *
   * @throws IllegalArgumentException the provider's own service is asked and there is no key
   */
  Optional<String> key(Map<String, String> environment) {
    String variable = keyVariable.orElse(provider.variable());
    Optional<String> key =
        Optional.ofNullable(environment.get(variable)).map(String::strip).filter(k -> !k.isEmpty());
    if (key.isEmpty() && (keyVariable.isPresent() || base.equals(provider.home()))) {
      throw new IllegalArgumentException(
          "%s: set the environment variable %s to the service's key"
              .formatted(provider.key(), variable));
    }
    boolean open = "http".equals(base.getScheme()) && !local(base.getHost());
    return keyVariable.isEmpty() && open ? Optional.empty() : key;
  }

  private static boolean local(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The model's name in results. */
  public String name() {
    return base.equals(provider.home())
        ? provider.key() + ":" + model
        : provider.key() + ":" + model + "@" + base.getAuthority();
  }

  /** How a prompt is put, in words. */
  public String prompting() {
    return completions
        ? "text to be continued, by completions"
        : "messages of a chat, by " + provider.key() + "'s protocol";
  }
}
