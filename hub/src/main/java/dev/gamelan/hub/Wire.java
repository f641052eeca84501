package dev.gamelan.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests to the Hub and to where it sends us: follows redirects by hand, so that the token goes
 * to the Hub alone and the headers of its own answer are seen. Safe for many threads.
 */
final class Wire implements AutoCloseable {
  private static final int REDIRECTS = 10;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final Pattern RATE_LIMIT_RESET = Pattern.compile("(?:^|;|,)\\s*t=(\\d+)");

  /**
   * An answer whose body has begun.
   *
   * @param uri where it came from, after redirects
   * @param etag the Hub's name of the content, where an answer on the way had it
   * @param size the Hub's size of the content, likewise
   * @param commit the commit that the Hub served, likewise
   */
  record Answer(
      int status,
      HttpHeaders headers,
      InputStream body,
      URI uri,
      Optional<String> etag,
      OptionalLong size,
      Optional<String> commit)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  private final HubSettings settings;
  private final Tuning tuning;
  private final Stalls stalls;
  private final HttpClient client;

  /** No request before this moment: the Hub counts all of them together. */
  private volatile Instant notBefore = Instant.EPOCH;

  Wire(HubSettings settings, Tuning tuning) {
    // A proxy that can't be used is better said now than by the client.
    settings.proxies().select(settings.endpoint());
    this.settings = settings;
    this.tuning = tuning;
    this.stalls = new Stalls(tuning.stall());
    this.client =
        HttpClient.newBuilder()
            // Ranges in parallel are worth something on connections of their own only.
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(settings.proxies())
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
  }

  Tuning tuning() {
    return tuning;
  }

  /**
   * Asks for a resource.
   *
   * @param range e.g. {@code bytes=0-99}
   * @param who the repository, for messages
   * @throws HubException if the answer is final and no good
   * @throws IOException if it is worth another attempt
   */
  Answer get(URI asked, Optional<String> range, HubName who)
      throws IOException, InterruptedException {
    if (settings.offline()) {
      throw new HubException("%s: the network may not be used (offline mode)".formatted(who));
    }
    URI uri = asked;
    Optional<String> etag = Optional.empty();
    OptionalLong size = OptionalLong.empty();
    Optional<String> commit = Optional.empty();
    for (int hop = 0; hop <= REDIRECTS; hop++) {
      HttpResponse<InputStream> response = send(uri, range);
      HttpHeaders headers = response.headers();
      if (isHub(uri)) {
        etag = etag.isPresent() ? etag : headers.firstValue("X-Linked-Etag").map(Wire::plainEtag);
        size = size.isPresent() ? size : number(headers, "X-Linked-Size");
        commit = commit.isPresent() ? commit : headers.firstValue("X-Repo-Commit");
      }
      int status = response.statusCode();
      if (status >= 300 && status < 400 && headers.firstValue("Location").isPresent()) {
        response.body().close();
        uri = target(uri, headers.firstValue("Location").get(), who);
        continue;
      }
      if (status == 200 || status == 206) {
        return new Answer(status, headers, stalls.guard(response.body()), uri, etag, size, commit);
      }
      String said = said(response);
      throw refusal(status, headers, said, uri, who);
    }
    throw new HubException(
        "%s: %s sends from one address to the next, more than %d times"
            .formatted(who, asked, REDIRECTS));
  }

  private HttpResponse<InputStream> send(URI uri, Optional<String> range)
      throws IOException, InterruptedException {
    Duration wait = Duration.between(Instant.now(), notBefore);
    if (wait.isPositive()) {
      tuning.pause().of(wait);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(tuning.stall())
            .header("User-Agent", "gamelan")
            .header("Accept-Encoding", "identity");
    range.ifPresent(r -> request.header("Range", r));
    if (isHub(uri)) {
      settings.token().ifPresent(t -> request.header("Authorization", "Bearer " + t));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  /** Whether an address is the Hub's own, so that it may see the token. */
  boolean isHub(URI uri) {
    URI hub = settings.endpoint();
    return hub.getScheme().equalsIgnoreCase(uri.getScheme())
        && hub.getHost().equalsIgnoreCase(uri.getHost())
        && port(hub) == port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static URI target(URI from, String location, HubName who) throws HubException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HubException(
          "%s: %s sends to '%s', which is no address".formatted(who, from.getHost(), location), e);
    }
    boolean http = "http".equalsIgnoreCase(to.getScheme());
    boolean https = "https".equalsIgnoreCase(to.getScheme());
    if (!http && !https || to.getHost() == null) {
      throw new HubException(
          "%s: %s sends to '%s', which is no address".formatted(who, from.getHost(), location));
    }
    if (http && "https".equalsIgnoreCase(from.getScheme())) {
      throw new HubException(
          "%s: %s sends from https to http (%s), where anybody could change what comes"
              .formatted(who, from.getHost(), to.getHost()));
    }
    return to;
  }

  /** What the Hub says to a refusal. */
  private static String said(HttpResponse<InputStream> response) throws IOException {
    response.body().close();
    return response.headers().firstValue("X-Error-Message").orElse("").strip();
  }

  private IOException refusal(int status, HttpHeaders headers, String said, URI uri, HubName who) {
    String code = headers.firstValue("X-Error-Code").orElse("");
    String says = said.isEmpty() ? "" : " (" + said + ")";
    if (status == 408 || status == 429 || status >= 500) {
      Optional<Duration> after = after(headers);
      if (status == 429) {
        after.ifPresent(a -> notBefore = Instant.now().plus(a));
      }
      return new Faults.Busy("%s answered %d%s".formatted(uri.getHost(), status, says), after);
    }
    if (status == 416) {
      return new Faults.WrongContent("the server says that the file is shorter than was listed");
    }
    if (!isHub(uri)) {
      return new Faults.Expired("%s answered %d%s".formatted(uri.getHost(), status, says));
    }
    return new HubException(who.whole() + ": " + explained(status, code, says, who));
  }

  private String explained(int status, String code, String says, HubName who) {
    String page =
        settings.endpoint()
            + "/"
            + (who.kind() == HubName.Kind.DATASET ? "datasets/" : "")
            + who.repository();
    if (code.equals("GatedRepo") || status == 403) {
      return settings.token().isPresent()
          ? "access is restricted, and this token has none yet%s; accept its terms on %s with the token's account, and give the token the right to read gated repositories"
              .formatted(says, page)
          : "access is restricted%s; accept its terms on %s, then set HF_TOKEN to a token of yours (%s/settings/tokens)"
              .formatted(says, page, settings.endpoint());
    }
    if (code.equals("RevisionNotFound")) {
      return "there is no revision '%s'; %s/tree/main lists branches and tags"
          .formatted(who.revision(), page);
    }
    if (code.equals("EntryNotFound")) {
      return "there is no such file" + says;
    }
    if (status == 401 || status == 404 || code.equals("RepoNotFound")) {
      String other = who.kind() == HubName.Kind.MODEL ? "dataset (--dataset)" : "model";
      return settings.token().isPresent()
          ? "not found%s; check the name, whether it is a %s, and whether the account of the token may see it"
              .formatted(says, other)
          : "not found%s; check the name and whether it is a %s; a private or gated one needs a token in HF_TOKEN (%s/settings/tokens)"
              .formatted(says, other, settings.endpoint());
    }
    return "%s answered %d%s".formatted(settings.endpoint().getHost(), status, says);
  }

  /** {@code Retry-After} in seconds or as a date, else the reset of the Hub's own rate limit. */
  private static Optional<Duration> after(HttpHeaders headers) {
    Optional<Duration> after = headers.firstValue("Retry-After").flatMap(Wire::retryAfter);
    if (after.isEmpty()) {
      Matcher reset = RATE_LIMIT_RESET.matcher(headers.firstValue("RateLimit").orElse(""));
      if (reset.find() && reset.group(1).length() < 9) {
        after = Optional.of(Duration.ofSeconds(Long.parseLong(reset.group(1))));
      }
    }
    return after
        .filter(d -> !d.isNegative())
        .map(d -> d.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : d);
  }

  private static Optional<Duration> retryAfter(String value) {
    String stripped = value.strip();
    if (stripped.matches("\\d{1,8}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(stripped)));
    }
    try {
      return Optional.of(
          Duration.between(
              Instant.now(),
              ZonedDateTime.parse(stripped, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** An ETag without its quotes and without the mark of a weak one. */
  static String plainEtag(String etag) {
    String strong = etag.startsWith("W/") ? etag.substring(2) : etag;
    return strong.replaceFirst("^\"", "").replaceFirst("\"$", "");
  }

  static OptionalLong number(HttpHeaders headers, String name) {
    Optional<String> value = headers.firstValue(name).filter(v -> v.matches("\\d{1,18}"));
    return value.isPresent() ? OptionalLong.of(Long.parseLong(value.get())) : OptionalLong.empty();
  }

  @Override
  public void close() {
    stalls.close();
    client.shutdownNow();
  }
}
