package dev.gamelan.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the Hub is, where its cache lies, and who asks. {@link #of} reads what Hugging Face's own
 * tools read.
 *
 * @param endpoint the Hub's address, or that of a mirror
 * @param cache the folder with {@code models--OWNER--NAME}
 * @param token the user's, where there is one; sent to the endpoint and nowhere else
 * @param offline whether the network may not be used
 * @param parallel connections at a time, 1 to 64
 * @param proxies the proxies to reach it by
 */
public record HubSettings(
    URI endpoint,
    Path cache,
    Optional<String> token,
    boolean offline,
    int parallel,
    ProxySelector proxies) {
  private static final List<String> TRUE = List.of("1", "ON", "YES", "TRUE");

  /** Checks them. */
  public HubSettings {
    if (!List.of("http", "https").contains(String.valueOf(endpoint.getScheme()))
        || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "HF_ENDPOINT is '%s'; an address such as https://huggingface.co is expected"
              .formatted(endpoint));
    }
    if (parallel < 1 || parallel > 64) {
      throw new IllegalArgumentException(
          "%d connections; between 1 and 64 are possible".formatted(parallel));
    }
    if (token.isPresent() && !token.get().matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "the token of the Hub has blanks or other characters that no token has; check HF_TOKEN");
    }
  }

  /**
   * As the environment says: {@code HF_ENDPOINT}; {@code HF_HUB_CACHE}, {@code
   * HUGGINGFACE_HUB_CACHE}, {@code HF_HOME} or {@code XDG_CACHE_HOME}; {@code HF_TOKEN}, {@code
   * HUGGING_FACE_HUB_TOKEN} or the file {@code HF_TOKEN_PATH}; {@code HF_HUB_OFFLINE} or {@code
   * TRANSFORMERS_OFFLINE}; {@code https_proxy} and its kin.
   *
   * @param home the user's home folder
   */
  public static HubSettings of(Map<String, String> environment, Path home) throws IOException {
    Path base =
        path(environment, "HF_HOME", home)
            .orElseGet(
                () ->
                    path(environment, "XDG_CACHE_HOME", home)
                        .orElse(home.resolve(".cache"))
                        .resolve("huggingface"));
    Path cache =
        path(environment, "HF_HUB_CACHE", home)
            .or(() -> path(environment, "HUGGINGFACE_HUB_CACHE", home))
            .orElse(base.resolve("hub"));
    String endpoint =
        value(environment, "HF_ENDPOINT").orElse("https://huggingface.co").replaceFirst("/+$", "");
    URI address;
    try {
      address = URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "HF_ENDPOINT is '%s', which is no address: %s".formatted(endpoint, e.getMessage()), e);
    }
    return new HubSettings(
        address,
        cache,
        token(environment, base, home),
        isTrue(environment, "HF_HUB_OFFLINE") || isTrue(environment, "TRANSFORMERS_OFFLINE"),
        8,
        new EnvironmentProxies(environment));
  }

  /** The same without the network, if {@code wanted}. */
  public HubSettings offlineIf(boolean wanted) {
    return new HubSettings(endpoint, cache, token, offline || wanted, parallel, proxies);
  }

  /** The same with so many connections at a time. */
  public HubSettings withParallel(int connections) {
    return new HubSettings(endpoint, cache, token, offline, connections, proxies);
  }

  private static Optional<String> token(Map<String, String> environment, Path base, Path home)
      throws IOException {
    Optional<String> given =
        value(environment, "HF_TOKEN").or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"));
    if (given.isPresent() || isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return given.map(String::strip);
    }
    Path file = path(environment, "HF_TOKEN_PATH", home).orElse(base.resolve("token"));
    return Files.isRegularFile(file)
        ? Optional.of(Files.readString(file).strip()).filter(t -> !t.isEmpty())
        : Optional.empty();
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(v -> !v.isBlank());
  }

  private static Optional<Path> path(Map<String, String> environment, String name, Path home) {
    return value(environment, name)
        .map(v -> v.equals("~") || v.startsWith("~/") ? home + v.substring(1) : v)
        .map(Path::of);
  }

  private static boolean isTrue(Map<String, String> environment, String name) {
    return value(environment, name)
        .map(v -> v.toUpperCase(Locale.ROOT))
        .filter(TRUE::contains)
        .isPresent();
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "HubSettings[endpoint=%s, cache=%s, token=%s, offline=%s, parallel=%d]"
        .formatted(endpoint, cache, token.isPresent() ? "given" : "none", offline, parallel);
  }
}
