package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pull}, and names of the Hub wherever a model is wanted. What may go wrong: HubTest. */
final class PullCommandTest {
  private static final String COMMIT = "89abcdef0123456789abcdef0123456789abcdef";
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64,
       "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
       "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 128,
       "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
      """;

  @TempDir private Path cache;
  private final Map<String, byte[]> answers = new LinkedHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void serve() throws Exception {
    answer("/api/models/acme/tiny/revision/main", "{\"sha\": \"" + COMMIT + "\"}");
    answer(
        "/api/models/acme/tiny/tree/" + COMMIT,
        "[" + listed("config.json", CONFIG) + "," + listed("model.safetensors", "weights") + "]");
    answer("/acme/tiny/resolve/" + COMMIT + "/config.json", CONFIG);
    answer("/acme/tiny/resolve/" + COMMIT + "/model.safetensors", "weights");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          byte[] bytes = answers.get(exchange.getRequestURI().getPath());
          try (exchange) {
            exchange.sendResponseHeaders(
                bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
            if (bytes != null) {
              exchange.getResponseBody().write(bytes);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, String text) {
    answers.put(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String listed(String path, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
    sha1.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return "{\"type\": \"file\", \"path\": \"%s\", \"size\": %d, \"oid\": \"%s\"}"
        .formatted(path, bytes.length, HexFormat.of().formatHex(sha1.digest(bytes)));
  }

  private Captured run(String... words) {
    return Captured.run(
        "",
        Map.of(
            "HF_ENDPOINT",
            "http://localhost:" + server.getAddress().getPort(),
            "HF_HUB_CACHE",
            cache.toString(),
            "HF_HUB_DISABLE_IMPLICIT_TOKEN",
            "1"),
        false,
        words);
  }

  private Path snapshot() {
    return cache.resolve("models--acme--tiny/snapshots").resolve(COMMIT);
  }

  @Test
  void what_was_pulled_is_found_by_its_name_without_the_network() {
    Captured pulled = run("pull", "hf:acme/tiny");

    assertThat(pulled.status()).as(pulled.err()).isZero();
    assertThat(pulled.out()).isEqualTo(snapshot() + "\n");
    assertThat(pulled.err()).contains("2 files", "commit 89abcdef0123", "2 fetched");
    assertThat(snapshot().resolve("config.json")).hasContent(CONFIG);
    assertThat(run("pull", "hf:acme/tiny").err()).contains("all were there");
    int before = asked.get();
    assertThat(run("pull", "hf:acme/tiny", "--offline").out()).isEqualTo(pulled.out());
    Captured plan = run("plan", "--model", "hf:acme/tiny");
    assertThat(plan.status()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("hf:acme/tiny");
    assertThat(asked.get()).isEqualTo(before);
  }

  @Test
  void a_single_file_is_printed_by_its_path() {
    Captured pulled = run("pull", "hf:acme/tiny/config.json");

    assertThat(pulled.out()).isEqualTo(snapshot().resolve("config.json") + "\n");
    assertThat(snapshot().resolve("model.safetensors")).doesNotExist();
    // A configuration alone is no model.
    assertThat(run("plan", "--model", "hf:acme/tiny").status()).isEqualTo(2);
  }

  @Test
  void a_model_that_is_not_in_the_cache_is_not_fetched_in_silence() {
    for (String[] words :
        new String[][] {
          {"generate", "--prompt", "x", "--model", "hf:acme/tiny"},
          {"chat", "--model", "hf:acme/tiny"},
          {"inspect", "hf:acme/tiny"},
          {"convert", "hf:acme/tiny", "--to", "gguf"}
        }) {
      Captured run = run(words);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains("not in the cache", "./gamelan pull hf:acme/tiny");
    }
    assertThat(asked.get()).isZero();
  }

  @Test
  void a_model_is_fetched_first_where_that_is_asked_for() {
    // The weights of this one are none, which is found after they came.
    Captured run = run("generate", "--prompt", "x", "--model", "hf:acme/tiny", "--pull");

    assertThat(snapshot().resolve("model.safetensors")).hasContent("weights");
    assertThat(run.err()).doesNotContain("not in the cache").contains("model.safetensors");
  }

  @Test
  void a_path_is_only_looked_at() throws Exception {
    Path file = Files.writeString(cache.resolve("m.gguf"), "x");
    Captured here = run("pull", file.toString());
    assertThat(here.status()).isZero();
    assertThat(here.out()).isEqualTo(file + "\n");
    assertThat(here.err()).contains("nothing to fetch");
    Captured nowhere = run("pull", "acme/tiny");
    assertThat(nowhere.status()).isEqualTo(2);
    assertThat(nowhere.err()).contains("hf:acme/tiny");
    assertThat(asked.get()).isZero();
  }

  @Test
  void what_makes_no_sense_is_refused() {
    assertThat(run("pull", "hf:acme/tiny", "--all", "--include", "*").status()).isEqualTo(2);
    assertThat(run("pull", "hf:acme/tiny", "--parallel", "0").err()).contains("between 1 and 64");
    assertThat(run("pull", "hf:a b").status()).isEqualTo(2);
    Captured missing = run("pull", "hf:acme/other");
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.err()).contains("hf:acme/other: not found");
    assertThat(run("pull", "hf:acme/tiny:Q4_K_M").err()).contains("no file 'Q4_K_M'");
    assertThat(run("pull", "hf:acme/tiny", "--offline").err()).contains("not in the cache");
  }
}
