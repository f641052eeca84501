package dev.gamelan.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proxies as the environment names them, which the JDK doesn't read: {@code https_proxy}, {@code
 * http_proxy}, {@code all_proxy} and {@code no_proxy}, in small letters or capitals. Where the
 * environment names none, the JDK's own (system properties).
 */
final class EnvironmentProxies extends ProxySelector {
  private final Map<String, String> environment;
  private final List<String> direct;
  private final Optional<ProxySelector> otherwise = Optional.ofNullable(ProxySelector.getDefault());

  EnvironmentProxies(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.direct =
        value(environment, "no_proxy").stream()
            .flatMap(v -> List.of(v.split(",")).stream())
            .map(host -> host.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(host -> !host.isEmpty())
            .toList();
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
        .filter(v -> !v.isBlank());
  }

  private static Optional<Proxy> proxy(Map<String, String> environment, String name) {
    Optional<String> value = value(environment, name).map(String::strip);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    URI uri;
    try {
      uri = URI.create(value.get().contains("://") ? value.get() : "http://" + value.get());
    } catch (IllegalArgumentException e) {
      throw wrong(name, "is no address");
    }
    if (uri.getHost() == null || !"http".equalsIgnoreCase(uri.getScheme())) {
      throw wrong(name, "is no http://HOST:PORT, the one kind of proxy that can be used");
    }
    if (uri.getRawUserInfo() != null) {
      throw wrong(name, "has a user and a password, with which proxies can't be used here");
    }
    int port = uri.getPort() < 0 ? 80 : uri.getPort();
    return Optional.of(
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port)));
  }

  // The value may hold a password: it isn't shown.
  private static IllegalArgumentException wrong(String name, String what) {
    return new IllegalArgumentException("the environment's %s %s".formatted(name, what));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the environment names one that can't be used; not before it
   *     is wanted, since it hinders nobody who stays offline
   */
  @Override
  public List<Proxy> select(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    for (String name : direct) {
      if (name.equals("*") || host.equals(name) || host.endsWith("." + name)) {
        return List.of(Proxy.NO_PROXY);
      }
    }
    boolean https = "https".equalsIgnoreCase(uri.getScheme());
    Optional<Proxy> proxy =
        proxy(environment, https ? "https_proxy" : "http_proxy")
            .or(() -> proxy(environment, "all_proxy"));
    if (proxy.isPresent()) {
      return List.of(proxy.get());
    }
    return otherwise.map(o -> o.select(uri)).orElse(List.of(Proxy.NO_PROXY));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The request fails with the same.
  }
}
