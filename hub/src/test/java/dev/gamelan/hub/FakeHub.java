package dev.gamelan.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Hub with one repository, and a content server on another port to which it sends for files in
 * LFS, as the real one does. Tests queue misbehaviour by path. Everything asked is kept.
 */
final class FakeHub implements AutoCloseable {
  static final String REPOSITORY = "acme/tiny";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  /** What was asked, of whom. */
  record Seen(String server, String path, Optional<String> range, Optional<String> token) {}

  /** Answers in its own way. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private record Stored(byte[] bytes, boolean lfs) {}

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer hub = start("hub");
  private final HttpServer content = start("content");
  private final Map<String, Stored> files = new LinkedHashMap<>();
  private final Map<String, Queue<Answer>> queued = new ConcurrentHashMap<>();
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  volatile boolean ranges = true;
  volatile int treePage = 1000;

  private HttpServer start(String name) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", exchange -> handle(name, exchange));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI endpoint() {
    return URI.create("http://localhost:" + hub.getAddress().getPort());
  }

  FakeHub with(String path, byte[] bytes) {
    files.put(path, new Stored(bytes, false));
    return this;
  }

  FakeHub with(String path, String text) {
    return with(path, text.getBytes(StandardCharsets.UTF_8));
  }

  FakeHub withLarge(String path, byte[] bytes) {
    files.put(path, new Stored(bytes, true));
    return this;
  }

  /** The next request for a path (of either server, {@code hub:/…} or {@code content:/…}). */
  void next(String server, String path, Answer answer) {
    queued.computeIfAbsent(server + ":" + path, _ -> new ConcurrentLinkedQueue<>()).add(answer);
  }

  static String resolve(String path) {
    return "/" + REPOSITORY + "/resolve/" + COMMIT + "/" + path;
  }

  List<Seen> asked(String server, String path) {
    return seen.stream().filter(s -> s.server().equals(server) && s.path().equals(path)).toList();
  }

  private void handle(String server, HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Seen asked =
          new Seen(
              server,
              path,
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")),
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")));
      seen.add(asked);
      Queue<Answer> waiting = queued.get(server + ":" + path);
      Answer own = waiting == null ? null : waiting.poll();
      if (own != null) {
        own.to(exchange);
      } else if (server.equals("content")) {
        file(exchange, files.get(path.substring("/blob/".length())).bytes(), asked.range());
      } else {
        hub(exchange, path, asked);
      }
    }
  }

  private void hub(HttpExchange exchange, String path, Seen asked) throws IOException {
    String api = "/api/models/" + REPOSITORY;
    if (path.equals(api + "/revision/main") || path.equals(api + "/revision/refs/pr/1")) {
      json(exchange, "{\"id\":\"%s\",\"sha\":\"%s\"}".formatted(REPOSITORY, COMMIT));
    } else if (path.startsWith(api + "/revision/")) {
      refuse(exchange, 404, "RevisionNotFound", "Invalid rev id");
    } else if (path.equals(api + "/tree/" + COMMIT)) {
      tree(exchange);
    } else if (path.startsWith(resolve(""))) {
      String name = path.substring(resolve("").length());
      Stored stored = files.get(name);
      if (stored == null) {
        refuse(exchange, 404, "EntryNotFound", "Entry not found");
        return;
      }
      exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
      if (stored.lfs()) {
        exchange.getResponseHeaders().set("X-Linked-Etag", '"' + sha256(stored.bytes()) + '"');
        exchange.getResponseHeaders().set("X-Linked-Size", "" + stored.bytes().length);
        redirect(exchange, "http://localhost:" + content.getAddress().getPort() + "/blob/" + name);
      } else {
        exchange.getResponseHeaders().set("ETag", '"' + gitSha1(stored.bytes()) + '"');
        file(exchange, stored.bytes(), asked.range());
      }
    } else {
      refuse(exchange, 401, "RepoNotFound", "Invalid username or password.");
    }
  }

  private void tree(HttpExchange exchange) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    Matcher cursor = Pattern.compile("cursor=(\\d+)").matcher(query);
    int from = cursor.find() ? Integer.parseInt(cursor.group(1)) : 0;
    List<String> entries = new ArrayList<>();
    entries.add("{\"type\":\"directory\",\"oid\":\"%s\",\"path\":\"sub\"}".formatted(COMMIT));
    files.forEach(
        (path, f) ->
            entries.add(
                "{\"type\":\"file\",\"oid\":\"%s\",\"size\":%d,\"path\":\"%s\"%s}"
                    .formatted(
                        gitSha1(f.bytes()),
                        f.bytes().length,
                        path,
                        f.lfs()
                            ? ",\"lfs\":{\"oid\":\"%s\",\"size\":%d,\"pointerSize\":130}"
                                .formatted(sha256(f.bytes()), f.bytes().length)
                            : "")));
    int to = Math.min(entries.size(), from + treePage);
    if (to < entries.size()) {
      // As a mirror does that passes on what the Hub says.
      exchange
          .getResponseHeaders()
          .set(
              "Link",
              "<https://huggingface.co%s?recursive=true&cursor=%d>; rel=\"next\""
                  .formatted(exchange.getRequestURI().getPath(), to));
    }
    json(exchange, "[" + String.join(",", entries.subList(from, to)) + "]");
  }

  static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    exchange.getResponseHeaders().set("X-Error-Code", code);
    exchange.getResponseHeaders().set("X-Error-Message", message);
    exchange.sendResponseHeaders(status, -1);
  }

  static void json(HttpExchange exchange, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void file(HttpExchange exchange, byte[] bytes, Optional<String> range)
      throws IOException {
    send(exchange, bytes, ranges ? range : Optional.empty(), Integer.MAX_VALUE);
  }

  /** Sends a file as asked, but only {@code atMost} bytes of what the headers promise. */
  static void send(HttpExchange exchange, byte[] bytes, Optional<String> range, int atMost)
      throws IOException {
    int from = 0;
    int to = bytes.length;
    if (range.isPresent()) {
      Matcher m = RANGE.matcher(range.get());
      if (!m.matches()) {
        throw new IOException("a range of another kind: " + range.get());
      }
      from = Integer.parseInt(m.group(1));
      to = Math.min(to, Integer.parseInt(m.group(2)) + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
    }
    exchange.sendResponseHeaders(range.isPresent() ? 206 : 200, to == from ? -1 : to - from);
    try {
      OutputStream body = exchange.getResponseBody();
      body.write(bytes, from, Math.min(to - from, atMost));
      body.flush();
    } catch (IOException e) {
      // Whoever asked has heard enough.
    }
  }

  static Optional<String> range(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"));
  }

  static String sha256(byte[] bytes) {
    return digest("SHA-256", bytes);
  }

  static String gitSha1(byte[] bytes) {
    byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[head.length + bytes.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    return digest("SHA-1", all);
  }

  private static String digest(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    content.stop(0);
    threads.shutdownNow();
  }
}
