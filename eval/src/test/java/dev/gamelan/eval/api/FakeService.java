package dev.gamelan.eval.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A service that speaks the three protocols over a real socket. It answers a question's last line
 * in capitals. Tests queue misbehaviour, which comes first.
 */
final class FakeService implements AutoCloseable {
  /** What was asked. */
  record Seen(String path, JsonNode body, String key) {}

  /** Answers in its own way. */
  interface Misbehaviour {
    void to(HttpExchange exchange) throws IOException;
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final Queue<Misbehaviour> queued = new ConcurrentLinkedQueue<>();
  private final AtomicInteger now = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);
  final AtomicInteger most = new AtomicInteger();
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  volatile boolean logprobs = true;

  FakeService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void misbehave(Misbehaviour each) {
    queued.add(each);
  }

  void status(int status, String... headers) {
    misbehave(
        e -> {
          for (int i = 0; i < headers.length; i += 2) {
            e.getResponseHeaders().add(headers[i], headers[i + 1]);
          }
          send(e, status, "{\"error\":{\"message\":\"not now\"}}");
        });
  }

  /** Says that more comes than does. */
  void cut() {
    misbehave(
        e -> {
          e.sendResponseHeaders(200, 10_000);
          e.getResponseBody().write("{\"choices\":[".getBytes(StandardCharsets.UTF_8));
          e.getResponseBody().flush();
          e.close();
        });
  }

  /** Begins to answer and doesn't go on until the service is closed. */
  void hang() {
    misbehave(
        e -> {
          e.sendResponseHeaders(200, 0);
          e.getResponseBody().write("{".getBytes(StandardCharsets.UTF_8));
          e.getResponseBody().flush();
          try {
            released.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
  }

  void body(String text) {
    misbehave(e -> send(e, 200, text));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      JsonNode body = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
      String path = exchange.getRequestURI().getPath();
      seen.add(new Seen(path, body, key(exchange)));
      Misbehaviour first = queued.poll();
      if (first != null) {
        first.to(exchange);
      } else {
        send(exchange, 200, answer(path, body).toString());
      }
    } finally {
      now.decrementAndGet();
    }
  }

  private static String key(HttpExchange exchange) {
    for (String name : List.of("Authorization", "x-api-key", "x-goog-api-key")) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        return name + " " + value;
      }
    }
    return "";
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private ObjectNode answer(String path, JsonNode body) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    if (path.endsWith("/chat/completions")) {
      JsonNode messages = body.path("messages");
      String question = messages.get(messages.size() - 1).path("content").asString("");
      answer.putArray("choices").addObject().putObject("message").put("content", loud(question));
      answer.putObject("usage").put("prompt_tokens", 7).put("completion_tokens", 3);
    } else if (path.endsWith("/completions")) {
      completions(body, answer.putArray("choices").addObject());
    } else if (path.endsWith("/messages")) {
      JsonNode messages = body.path("messages");
      String question = messages.get(messages.size() - 1).path("content").asString("");
      answer.putArray("content").addObject().put("type", "text").put("text", loud(question));
      answer.putObject("usage").put("input_tokens", 7).put("output_tokens", 3);
    } else {
      JsonNode contents = body.path("contents");
      JsonNode last = contents.get(contents.size() - 1).path("parts").path(0);
      ArrayNode parts =
          answer.putArray("candidates").addObject().putObject("content").putArray("parts");
      parts.addObject().put("text", loud(last.path("text").asString("")));
      answer.putObject("usageMetadata").put("promptTokenCount", 7).put("candidatesTokenCount", 3);
    }
    return answer;
  }

  private static String loud(String question) {
    String last = question.lines().reduce("", (a, b) -> b);
    return last.toUpperCase(java.util.Locale.ROOT) + ". AND SO ON";
  }

  /**
   * Tokens of two characters, the nth with a log-probability of −n; those with an x are likeliest.
   */
  private void completions(JsonNode body, ObjectNode choice) {
    String prompt = body.path("prompt").asString("");
    choice.put("text", body.path("echo").asBoolean(false) ? prompt + "!" : loud(prompt));
    if (!logprobs || !body.path("echo").asBoolean(false)) {
      return;
    }
    ObjectNode lists = choice.putObject("logprobs");
    ArrayNode tokens = lists.putArray("tokens");
    ArrayNode values = lists.putArray("token_logprobs");
    ArrayNode tops = lists.putArray("top_logprobs");
    ArrayNode offsets = lists.putArray("text_offset");
    for (int i = 0; i < prompt.length(); i += 2) {
      String token = prompt.substring(i, Math.min(prompt.length(), i + 2));
      tokens.add(token);
      offsets.add(i);
      if (i == 0) {
        values.addNull();
        tops.addNull();
      } else {
        values.add(-i / 2);
        tops.addObject().put(token.contains("x") ? token : "?", token.contains("x") ? -i / 2 : 0);
      }
    }
    tokens.add("!");
    values.add(-1000);
    offsets.add(prompt.length());
    tops.addObject().put("!", -1000);
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
    threads.close();
  }
}
