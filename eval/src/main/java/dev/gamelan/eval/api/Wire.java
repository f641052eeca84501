package dev.gamelan.eval.api;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends questions and asks again where that may help: when nothing comes or too late, when the
 * service is busy or broken, when the answer is cut or makes no sense. Safe for concurrent use.
 */
final class Wire implements AutoCloseable {
  private static final int MOST = 64 << 20;
  private static final int SHOWN = 300;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Reads an answer's body. */
  interface Reader<T> {
    T read(JsonNode body) throws Protocol.Malformed;
  }

  /** A failure that may pass. */
  private static final class Passing extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Optional<Duration> after;

    Passing(String message, Optional<Duration> after) {
      super(message);
      this.after = after;
    }
  }

  private final ApiSettings settings;
  private final String key;
  private final Time time;
  private final Pace pace;
  private final HttpClient client;

  Wire(ApiSettings settings, String key, Time time) {
    this.settings = settings;
    this.key = key;
    this.time = time;
    this.pace = new Pace(settings.requestsPerMinute(), settings.tokensPerMinute(), time);
    // A redirect would carry the key to somebody else.
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
  }

  /**
   * Asks until there is an answer.
   *
   * @param tokens estimated, of question and answer
   * @throws ApiException it is refused, or all attempts failed
   */
  <T> T ask(
      String path, Map<String, String> headers, ObjectNode body, long tokens, Reader<T> reader)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(settings.base() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    headers.forEach(request::header);
    for (int attempt = 0; ; attempt++) {
      pace.turn(tokens);
      try {
        return once(request.build(), reader);
      } catch (Passing e) {
        if (attempt == settings.retries()) {
          throw new ApiException(
              "%s%s: %s; asked %d times"
                  .formatted(settings.base(), path, e.getMessage(), attempt + 1));
        }
        wait(e, attempt);
      }
    }
  }

  private void wait(Passing failure, int attempt) throws InterruptedException {
    if (failure.after.isPresent()) {
      Duration asked = failure.after.get();
      if (asked.compareTo(PATIENCE) > 0) {
        throw new ApiException(
            "%s: %s, and asks to come back in %d s; start the evaluation again then, it goes on where it was"
                .formatted(settings.base(), failure.getMessage(), asked.toSeconds()));
      }
      pace.hold(asked);
      return;
    }
    long most = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(attempt, 16));
    // Half of it at random, so that those who failed together don't come back together.
    time.sleep(Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1)));
  }

  private <T> T once(HttpRequest request, Reader<T> reader) throws Passing, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> future =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST));
    HttpResponse<byte[]> response;
    try {
      response = future.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Passing(
          "no answer in " + settings.timeout().toMillis() / 1000.0 + " s", Optional.empty());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new Passing(
            cause.getMessage() == null ? cause.toString() : clean(cause.getMessage()),
            Optional.empty());
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      future.cancel(true);
    }
    String text = new String(response.body(), StandardCharsets.UTF_8);
    int status = response.statusCode();
    if (status != 200) {
      String said = "status %d, %s".formatted(status, clean(text));
      if (status == 408 || status == 409 || status == 429 || status >= 500) {
        throw new Passing(said, retryAfter(response.headers(), Instant.now()));
      }
      throw new ApiException("%s: %s".formatted(request.uri(), said));
    }
    try {
      return reader.read(JsonMapper.shared().readTree(text));
    } catch (JacksonException e) {
      throw new Passing("an answer that isn't JSON: " + clean(text), Optional.empty());
    } catch (Protocol.Malformed e) {
      throw new Passing(e.getMessage() + ": " + clean(text), Optional.empty());
    }
  }

  /** Some of a text, on one line, without the key should a service repeat it. */
  private String clean(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    line = key.isEmpty() ? line : line.replace(key, "…");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }

  /** {@code Retry-After}: seconds or a date. */
  static Optional<Duration> retryAfter(HttpHeaders headers, Instant now) {
    Optional<String> value = headers.firstValue("Retry-After").map(String::strip);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      double seconds = Double.parseDouble(value.get());
      return seconds >= 0 && seconds < 1e9
          ? Optional.of(Duration.ofMillis((long) Math.ceil(1000 * seconds)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return date(value.get(), now);
    }
  }

  private static Optional<Duration> date(String text, Instant now) {
    try {
      Duration until =
          Duration.between(
              now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
