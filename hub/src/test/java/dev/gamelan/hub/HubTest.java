package dev.gamelan.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.hub.FakeHub.Seen;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls from a server that misbehaves, over real sockets. */
final class HubTest {
  private static final int PART = 1 << 16;
  private static final byte[] CONFIG =
      "{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] WEIGHTS = bytes(5 * PART + 321);

  @TempDir private Path cache;

  private final FakeHub fake = new FakeHub();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final List<String> notes = new CopyOnWriteArrayList<>();

  private static byte[] bytes(int n) {
    byte[] bytes = new byte[n];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void fill() {
    fake.with("config.json", CONFIG)
        .with("sub/notes.txt", "not needed to run")
        .with("README.md", "# Tiny")
        .withLarge("model.safetensors", WEIGHTS)
        .withLarge("pytorch_model.bin", bytes(99));
  }

  @AfterEach
  void stop() {
    fake.close();
  }

  private HubSettings settings(Optional<String> token) {
    return settings(fake, token);
  }

  private HubSettings settings(FakeHub hub, Optional<String> token) {
    return new HubSettings(
        hub.endpoint(), cache, token, false, 4, new EnvironmentProxies(Map.of()));
  }

  private Hub hub() {
    return hub(settings(Optional.empty()));
  }

  private Hub hub(HubSettings settings) {
    return new Hub(settings, new Tuning(PART, 6, Duration.ofSeconds(20), pauses::add));
  }

  private static HubName name() {
    return HubName.parse("hf:" + FakeHub.REPOSITORY, HubName.Kind.MODEL);
  }

  private Hub.Pulled pull() throws Exception {
    return pull(hub());
  }

  private Hub.Pulled pull(Hub hub) throws Exception {
    return hub.pull(
        name(),
        Selection.USUAL,
        new PullListener() {
          @Override
          public void said(String note) {
            notes.add(note);
          }
        });
  }

  private Path repository() {
    return cache.resolve("models--acme--tiny");
  }

  private void everythingIsThere() throws IOException {
    Path snapshot = repository().resolve("snapshots").resolve(FakeHub.COMMIT);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(snapshot.resolve("config.json")).hasBinaryContent(CONFIG);
    assertThat(repository().resolve("refs/main")).hasContent(FakeHub.COMMIT);
    try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
      assertThat(blobs.map(b -> b.getFileName().toString()))
          .containsExactlyInAnyOrder(
              FakeHub.sha256(WEIGHTS),
              FakeHub.gitSha1(CONFIG),
              FakeHub.gitSha1("# Tiny".getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void what_is_needed_to_run_lands_in_the_layout_of_hugging_face() throws Exception {
    Hub.Pulled pulled = pull();

    everythingIsThere();
    assertThat(pulled.path()).isEqualTo(repository().resolve("snapshots").resolve(FakeHub.COMMIT));
    assertThat(pulled.files()).isEqualTo(3);
    assertThat(pulled.fetched()).isEqualTo(3);
    Path pointer = pulled.path().resolve("model.safetensors");
    assertThat(Files.readSymbolicLink(pointer))
        .isEqualTo(Path.of("../../blobs/" + FakeHub.sha256(WEIGHTS)));
    assertThat(pulled.path().resolve("pytorch_model.bin")).doesNotExist();
    assertThat(hub().find(name(), Selection.USUAL)).contains(pulled.path());
  }

  @Test
  void a_file_in_a_folder_points_back_over_all_levels() throws Exception {
    Hub.Pulled pulled =
        hub().pull(name(), new Selection(true, List.of(), List.of("*.bin")), PullListener.NONE);

    Path pointer = pulled.path().resolve("sub/notes.txt");
    assertThat(Files.readSymbolicLink(pointer).toString()).startsWith("../../../blobs/");
    assertThat(pointer).hasContent("not needed to run");
  }

  @Test
  void what_is_there_is_not_fetched_again() throws Exception {
    pull();
    fake.seen.clear();

    assertThat(pull().fetched()).isZero();
    assertThat(fake.seen).extracting(Seen::path).noneMatch(p -> p.contains("/resolve/"));
  }

  @Test
  void a_blob_that_another_revision_brought_is_only_pointed_at() throws Exception {
    Hub.Pulled pulled = pull();
    Files.delete(pulled.path().resolve("model.safetensors"));
    fake.seen.clear();

    assertThat(pull().fetched()).isEqualTo(1);
    everythingIsThere();
    assertThat(fake.seen).extracting(Seen::path).noneMatch(p -> p.contains("/resolve/"));
  }

  @Test
  void a_large_file_comes_in_parts_from_where_the_hub_sends() throws Exception {
    pull();

    assertThat(fake.asked("content", "/blob/model.safetensors")).hasSize(6);
    // The Hub is asked once, the other parts go where it sent the first.
    assertThat(fake.asked("hub", FakeHub.resolve("model.safetensors"))).hasSize(1);
  }

  @Test
  void the_token_goes_to_the_hub_and_not_to_where_it_sends() throws Exception {
    pull(hub(settings(Optional.of("hf_secret"))));

    everythingIsThere();
    assertThat(fake.seen)
        .allSatisfy(
            s ->
                assertThat(s.token())
                    .isEqualTo(
                        s.server().equals("hub")
                            ? Optional.of("Bearer hf_secret")
                            : Optional.empty()));
    assertThat(settings(Optional.of("hf_secret")).toString()).doesNotContain("hf_secret");
  }

  @Test
  void a_relative_redirect_is_followed_with_the_token() throws Exception {
    fake.next(
        "hub", FakeHub.resolve("config.json"), e -> FakeHub.redirect(e, "/moved/config.json"));
    fake.next("hub", "/moved/config.json", e -> FakeHub.send(e, CONFIG, Optional.empty(), 1 << 20));

    pull(hub(settings(Optional.of("hf_secret"))));

    everythingIsThere();
    assertThat(fake.asked("hub", "/moved/config.json").getFirst().token()).isPresent();
  }

  @Test
  void a_body_that_is_cut_goes_on_where_it_ended() throws Exception {
    for (int i = 0; i < 8; i++) {
      fake.next(
          "content",
          "/blob/model.safetensors",
          e -> FakeHub.send(e, WEIGHTS, FakeHub.range(e), 10_000));
    }
    pull();

    everythingIsThere();
    assertThat(fake.asked("content", "/blob/model.safetensors"))
        .extracting(s -> s.range().orElse(""))
        .contains("bytes=0-" + (PART - 1), "bytes=10000-" + (PART - 1));
  }

  @Test
  void a_server_that_sends_no_more_is_left_and_asked_again() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> {
          FakeHub.send(e, WEIGHTS, FakeHub.range(e), 1000);
          try {
            end.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    Hub impatient =
        new Hub(
            settings(Optional.empty()), new Tuning(PART, 6, Duration.ofMillis(300), pauses::add));
    try {
      pull(impatient);
    } finally {
      end.countDown();
    }
    everythingIsThere();
  }

  @Test
  void a_server_that_does_not_begin_to_answer_is_asked_again() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    fake.next(
        "hub",
        FakeHub.resolve("config.json"),
        _ -> {
          try {
            end.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    Hub impatient =
        new Hub(
            settings(Optional.empty()), new Tuning(PART, 6, Duration.ofMillis(300), pauses::add));
    try {
      pull(impatient);
    } finally {
      end.countDown();
    }
    everythingIsThere();
    assertThat(fake.asked("hub", FakeHub.resolve("config.json"))).hasSizeGreaterThan(1);
  }

  @Test
  void a_server_without_ranges_sends_the_file_once() throws Exception {
    fake.ranges = false;

    pull();

    everythingIsThere();
    assertThat(fake.asked("content", "/blob/model.safetensors")).hasSize(1);
  }

  @Test
  void a_server_without_ranges_that_is_cut_sends_it_again_from_the_start() throws Exception {
    fake.ranges = false;
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> FakeHub.send(e, WEIGHTS, Optional.empty(), 2 * PART + 5));

    pull();

    everythingIsThere();
    assertThat(fake.asked("content", "/blob/model.safetensors")).hasSize(2);
  }

  @Test
  void wrong_bytes_are_thrown_away_and_fetched_once_more() throws Exception {
    byte[] wrong = WEIGHTS.clone();
    wrong[77]++;
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> FakeHub.send(e, wrong, FakeHub.range(e), 1 << 20));

    pull();

    everythingIsThere();
    assertThat(notes)
        .singleElement()
        .asString()
        .contains("model.safetensors came damaged", "SHA-256");
  }

  @Test
  void wrong_bytes_twice_end_the_pull_and_leave_nothing() throws Exception {
    byte[] wrong = CONFIG.clone();
    wrong[3]++;
    for (int i = 0; i < 2; i++) {
      fake.next(
          "hub",
          FakeHub.resolve("config.json"),
          e -> FakeHub.send(e, wrong, Optional.empty(), 1 << 20));
    }

    assertThatThrownBy(this::pull)
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("config.json", "twice", "git SHA-1", FakeHub.gitSha1(CONFIG));
    assertThat(repository().resolve("snapshots").resolve(FakeHub.COMMIT).resolve("config.json"))
        .doesNotExist();
    assertThat(repository().resolve("blobs").resolve(FakeHub.gitSha1(CONFIG))).doesNotExist();
    assertThat(repository().resolve("refs/main")).doesNotExist();
  }

  @Test
  void a_length_that_was_not_listed_is_refused() {
    for (int i = 0; i < 2; i++) {
      fake.next(
          "hub",
          FakeHub.resolve("config.json"),
          e -> FakeHub.json(e, "<html>Please log in to this network</html>"));
    }

    assertThatThrownBy(this::pull)
        .hasMessageContainingAll(
            "config.json", "has 42 bytes there", CONFIG.length + " were listed");
  }

  @Test
  void a_body_longer_than_listed_is_refused() {
    for (int i = 0; i < 2; i++) {
      fake.next(
          "hub",
          FakeHub.resolve("config.json"),
          e -> {
            e.sendResponseHeaders(200, 0); // chunked: no length
            e.getResponseBody().write(WEIGHTS, 0, 100);
          });
    }

    assertThatThrownBy(this::pull).hasMessageContaining("more than its 23 bytes");
  }

  @Test
  void another_etag_or_commit_than_listed_is_refused() {
    for (int i = 0; i < 2; i++) {
      fake.next(
          "hub",
          FakeHub.resolve("model.safetensors"),
          e -> {
            e.getResponseHeaders().set("X-Linked-Etag", "W/\"" + "ab".repeat(32) + "\"");
            FakeHub.send(e, WEIGHTS, FakeHub.range(e), 1 << 20);
          });
    }
    assertThatThrownBy(this::pull)
        .hasMessageContainingAll("ab".repeat(32), FakeHub.sha256(WEIGHTS));
    for (int i = 0; i < 2; i++) {
      fake.next(
          "hub",
          FakeHub.resolve("model.safetensors"),
          e -> {
            e.getResponseHeaders().set("X-Repo-Commit", "f".repeat(40));
            FakeHub.send(e, WEIGHTS, FakeHub.range(e), 1 << 20);
          });
    }
    assertThatThrownBy(this::pull).hasMessageContainingAll("f".repeat(40), FakeHub.COMMIT);
  }

  @Test
  void a_range_that_cannot_be_satisfied_means_another_file() {
    for (int i = 0; i < 2; i++) {
      fake.next("content", "/blob/model.safetensors", e -> e.sendResponseHeaders(416, -1));
    }

    assertThatThrownBy(this::pull).hasMessageContaining("shorter than was listed");
  }

  @Test
  void another_range_than_asked_for_is_not_taken() throws Exception {
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> FakeHub.send(e, WEIGHTS, Optional.of("bytes=5-99"), 1 << 20));

    pull();

    everythingIsThere();
    assertThat(notes).isEmpty();
  }

  @Test
  void a_busy_server_is_asked_again_when_it_says() throws Exception {
    fake.next(
        "hub",
        FakeHub.resolve("config.json"),
        e -> {
          e.getResponseHeaders().set("Retry-After", "37");
          e.sendResponseHeaders(429, -1);
        });
    fake.next("content", "/blob/model.safetensors", e -> e.sendResponseHeaders(503, -1));

    pull();

    everythingIsThere();
    assertThat(pauses).contains(Duration.ofSeconds(37), Duration.ofSeconds(1));
    assertThat(notes).singleElement().asString().contains("429", "trying again in 37 s");
  }

  @Test
  void a_rate_limit_of_the_hubs_own_kind_is_honoured() throws Exception {
    fake.next(
        "hub",
        "/api/models/acme/tiny/revision/main",
        e -> {
          e.getResponseHeaders().set("RateLimit", "\"resolvers\";r=0;t=113");
          e.sendResponseHeaders(429, -1);
        });

    pull();

    assertThat(pauses).contains(Duration.ofSeconds(113));
  }

  @Test
  void a_server_that_stays_broken_is_given_up_with_what_to_do() {
    for (int i = 0; i < 6; i++) {
      fake.next("content", "/blob/model.safetensors", e -> e.sendResponseHeaders(500, -1));
    }

    assertThatThrownBy(this::pull)
        .isInstanceOf(HubException.class)
        .hasMessageContainingAll("hf:acme/tiny: model.safetensors", "500", "6 attempts", "goes on");
    assertThat(pauses).contains(Duration.ofSeconds(16));
  }

  @Test
  void a_signed_address_that_has_expired_is_asked_for_anew() throws Exception {
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> FakeHub.send(e, WEIGHTS, FakeHub.range(e), 1 << 20));
    fake.next("content", "/blob/model.safetensors", e -> e.sendResponseHeaders(403, -1));

    pull();

    everythingIsThere();
    assertThat(fake.asked("hub", FakeHub.resolve("model.safetensors"))).hasSizeGreaterThan(1);
  }

  @Test
  void after_a_failure_the_next_pull_goes_on_with_what_has_come() throws Exception {
    fake.next(
        "content",
        "/blob/model.safetensors",
        e -> FakeHub.send(e, WEIGHTS, FakeHub.range(e), 1 << 20));
    for (int i = 0; i < 40; i++) {
      fake.next("content", "/blob/model.safetensors", e -> e.sendResponseHeaders(500, -1));
    }
    assertThatThrownBy(this::pull).hasMessageContaining("500");
    fake.seen.clear();
    List<Long> planned = new ArrayList<>();
    // What is queued still is used up by another name's requests: a fresh server has the same file.
    try (FakeHub again = new FakeHub()) {
      again
          .with("config.json", CONFIG)
          .with("README.md", "# Tiny")
          .withLarge("model.safetensors", WEIGHTS);
      hub(settings(again, Optional.empty()))
          .pull(
              name(),
              Selection.USUAL,
              new PullListener() {
                @Override
                public void planned(int files, long bytes, long present) {
                  planned.add(present);
                }
              });
      everythingIsThere();
      assertThat(planned).containsExactly((long) PART);
      assertThat(again.asked("content", "/blob/model.safetensors"))
          .hasSize(5)
          .noneMatch(s -> s.range().orElse("").startsWith("bytes=0-"));
    }
  }

  @Test
  void two_pulls_at_once_fetch_everything_once() throws Exception {
    Callable<Void> one =
        () -> {
          pull();
          return null;
        };

    Together.run(List.of(one, one, one));

    everythingIsThere();
    assertThat(fake.asked("hub", FakeHub.resolve("model.safetensors"))).hasSize(1);
    assertThat(fake.asked("hub", FakeHub.resolve("config.json"))).hasSize(1);
  }

  @Test
  void what_does_not_fit_on_the_disk_is_refused_before_anything_is_fetched() {
    String sha = "ab".repeat(32);
    fake.next(
        "hub",
        "/api/models/acme/tiny/tree/" + FakeHub.COMMIT,
        e ->
            FakeHub.json(
                e,
                "[{\"type\":\"file\",\"oid\":\"%s\",\"size\":1,\"path\":\"model.safetensors\",\"lfs\":{\"oid\":\"%s\",\"size\":%d}}]"
                    .formatted(FakeHub.COMMIT, sha, 1L << 60)));

    assertThatThrownBy(this::pull)
        .hasMessageContainingAll("1,152,921,504,606,846,976 bytes are needed", "HF_HOME");
    assertThat(repository()).doesNotExist();
  }

  @Test
  void paths_that_lead_out_of_the_repository_are_refused() {
    for (String path : List.of("../evil", "/etc/passwd", "a/../../b", "a//b", "a\\\\b")) {
      fake.next(
          "hub",
          "/api/models/acme/tiny/tree/" + FakeHub.COMMIT,
          e ->
              FakeHub.json(
                  e,
                  "[{\"type\":\"file\",\"oid\":\"%s\",\"size\":1,\"path\":\"%s\"}]"
                      .formatted(FakeHub.COMMIT, path)));
      assertThatThrownBy(this::pull).as(path).hasMessageContaining("leads out of the repository");
    }
  }

  @Test
  void a_long_list_of_files_comes_in_pages_at_the_mirror() throws Exception {
    fake.treePage = 2;

    pull();

    everythingIsThere();
    assertThat(fake.asked("hub", "/api/models/acme/tiny/tree/" + FakeHub.COMMIT)).hasSize(3);
  }

  @Test
  void refusals_say_what_to_do() {
    Hub hub = hub();
    assertThatThrownBy(
            () ->
                hub.pull(
                    HubName.parse("hf:acme/tine", HubName.Kind.MODEL),
                    Selection.USUAL,
                    PullListener.NONE))
        .hasMessageContainingAll("hf:acme/tine", "check the name", "HF_TOKEN");
    assertThatThrownBy(
            () ->
                hub.pull(
                    HubName.parse("hf:acme/tiny@v9", HubName.Kind.MODEL),
                    Selection.USUAL,
                    PullListener.NONE))
        .hasMessageContainingAll("no revision 'v9'", "/acme/tiny/tree/main");
    fake.next(
        "hub",
        "/api/models/acme/tiny/revision/main",
        e -> FakeHub.refuse(e, 403, "GatedRepo", "Access to model acme/tiny is restricted"));
    assertThatThrownBy(this::pull)
        .hasMessageContainingAll(
            "accept its terms on " + fake.endpoint() + "/acme/tiny", "HF_TOKEN");
    assertThat(pauses).isEmpty();
  }

  @Test
  void a_host_that_does_not_answer_is_tried_three_times() {
    fake.close();

    assertThatThrownBy(this::pull).hasMessageContainingAll("no connection", "3 attempts");
  }

  @Test
  void a_proxy_of_the_environment_is_used_but_for_hosts_that_need_none() throws Exception {
    String proxy = "localhost:" + fake.endpoint().getPort();
    ProxySelector proxies =
        new EnvironmentProxies(Map.of("HTTP_PROXY", proxy, "no_proxy", "example.org, localhost"));

    pull(
        hub(
            new HubSettings(
                URI.create("http://hub.invalid"), cache, Optional.empty(), false, 4, proxies)));

    everythingIsThere();
    assertThat(fake.asked("content", "/blob/model.safetensors")).isNotEmpty();
    assertThat(proxies.select(URI.create("http://a.example.org/"))).containsExactly(Proxy.NO_PROXY);
    URI hub = URI.create("https://huggingface.co");
    ProxySelector secret = new EnvironmentProxies(Map.of("https_proxy", "http://me:word@p:1"));
    assertThatThrownBy(() -> secret.select(hub))
        .hasMessageContaining("https_proxy has a user and a password")
        .hasMessageNotContaining("word@");
    ProxySelector socks = new EnvironmentProxies(Map.of("ALL_PROXY", "socks5://p:1"));
    assertThatThrownBy(() -> socks.select(hub)).hasMessageContaining("http://HOST:PORT");
  }

  @Test
  void offline_finds_what_is_there_and_asks_nobody() throws Exception {
    Hub offline = hub(settings(Optional.empty()).offlineIf(true));
    assertThatThrownBy(() -> pull(offline)).hasMessageContainingAll("not in the cache", "network");
    Path path = pull().path();
    fake.seen.clear();

    assertThat(pull(offline).path()).isEqualTo(path);
    assertThat(fake.seen).isEmpty();
  }

  @Test
  void a_redirect_to_something_else_than_http_is_not_followed() {
    fake.next(
        "hub", FakeHub.resolve("config.json"), e -> FakeHub.redirect(e, "file:///etc/passwd"));

    assertThatThrownBy(this::pull).hasMessageContaining("which is no address");
  }
}
