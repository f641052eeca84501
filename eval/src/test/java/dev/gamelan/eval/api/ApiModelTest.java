package dev.gamelan.eval.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Models behind services of our own, which misbehave as real ones do. */
final class ApiModelTest {
  private static final Map<String, String> KEYS =
      Map.of(
          "OPENAI_API_KEY", "sk-secret",
          "ANTHROPIC_API_KEY", "sk-secret",
          "GEMINI_API_KEY", "sk-secret");

  /** Time that passes only by sleeping. */
  private static final class Dreamt implements Time {
    private final List<Duration> slept = new ArrayList<>();
    private long now;

    @Override
    public synchronized long nanos() {
      return now;
    }

    @Override
    public synchronized void sleep(Duration duration) {
      slept.add(duration);
      now += duration.toNanos();
    }
  }

  private final FakeService service = new FakeService();
  private final Dreamt time = new Dreamt();

  @AfterEach
  void close() {
    service.close();
  }

  private ApiModel model(String provider, String arguments) {
    return new ApiModel(
        ApiSettings.of(provider + ":" + service.address() + "/v1", "model=tiny," + arguments),
        KEYS,
        time);
  }

  private static Request.Generate question(String text, String args) {
    return new Request.Generate(text, (ObjectNode) JsonMapper.shared().readTree(args), 0);
  }

  private static final String PLAIN = "{\"until\": [\".\", \"\\n\"], \"max_gen_toks\": 20}";

  private static List<String> texts(ApiModel model, List<? extends Request> requests) {
    String[] texts = new String[requests.size()];
    model.answer(requests, (i, answer) -> texts[i] = ((Answer.Text) answer).text());
    return List.of(texts);
  }

  @ParameterizedTest
  @CsvSource({
    "openai,   /v1/chat/completions,             Authorization Bearer sk-secret",
    "anthropic,/v1/messages,                     x-api-key sk-secret",
    "gemini,   /v1/models/tiny:generateContent,  x-goog-api-key sk-secret"
  })
  void a_question_is_asked_and_its_answer_cut_at_the_stop(
      String provider, String path, String key) {
    try (ApiModel model = model(provider, "")) {
      assertThat(texts(model, List.of(question("hello", PLAIN)))).containsExactly("HELLO");
      assertThat(model.usage()).isEqualTo(new ApiModel.Usage(7, 3, 0));
      FakeService.Seen seen = service.seen.getFirst();
      assertThat(seen.path()).isEqualTo(path);
      assertThat(seen.key()).isEqualTo(key);
      // A stop of blanks is one that services refuse.
      assertThat(seen.body().toString())
          .contains("[\".\"]")
          .contains("20")
          .doesNotContain("secret");
      assertThat(model.fingerprint() + model.name()).doesNotContain("secret");
    }
  }

  @ParameterizedTest
  @CsvSource({"openai", "anthropic", "gemini"})
  void conversations_keep_their_turns(String provider) {
    ArrayNode turns =
        (ArrayNode)
            JsonMapper.shared()
                .readTree(
                    """
                    [{"role":"system","content":"Be brief"},{"role":"user","content":"one"},
                     {"role":"assistant","content":"ONE"},{"role":"user","content":"two"}]
                    """);
    try (ApiModel model = model(provider, "")) {
      String context = model.chat(turns, true).orElseThrow();
      assertThat(texts(model, List.of(question(context, PLAIN)))).containsExactly("TWO");
      String body = service.seen.getFirst().body().toString();
      assertThat(body).contains("Be brief").contains("ONE");
      String expected =
          switch (provider) {
            case "openai" -> "\"role\":\"assistant\",\"content\":\"ONE\"";
            case "anthropic" -> "\"system\":\"Be brief\"";
            default -> "\"role\":\"model\",\"parts\":[{\"text\":\"ONE\"}]";
          };
      assertThat(body).contains(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"openai", "anthropic", "gemini"})
  void what_may_pass_is_asked_again(String provider) {
    service.status(500);
    service.status(429);
    service.status(529);
    service.cut();
    service.body("{\"choices\": [");
    service.body("{\"nonsense\": true}");
    try (ApiModel model = model(provider, "")) {
      assertThat(texts(model, List.of(question("hello", PLAIN)))).containsExactly("HELLO");
      assertThat(service.seen).hasSize(7);
      assertThat(time.slept).hasSize(6);
      assertThat(time.slept.get(0)).isBetween(Duration.ofMillis(500), Duration.ofMillis(1000));
      assertThat(time.slept.get(5)).isBetween(Duration.ofSeconds(16), Duration.ofSeconds(32));
    }
  }

  @Test
  void who_asks_for_patience_gets_it() {
    service.status(429, "Retry-After", "17");
    try (ApiModel model = model("openai", "")) {
      assertThat(texts(model, List.of(question("hello", PLAIN)))).containsExactly("HELLO");
      assertThat(time.slept).containsExactly(Duration.ofSeconds(17));
    }
    service.status(429, "Retry-After", "86400");
    try (ApiModel model = model("openai", "")) {
      assertThatThrownBy(() -> texts(model, List.of(question("hello", PLAIN))))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("86400 s")
          .hasMessageContaining("goes on where it was");
    }
  }

  @Test
  void retry_after_may_be_a_date() {
    Instant now = Instant.parse("2026-11-23T19:00:00Z");
    assertThat(after("Mon, 23 Nov 2026 19:00:30 GMT", now)).contains(Duration.ofSeconds(30));
    assertThat(after("Mon, 23 Nov 2026 18:00:30 GMT", now)).contains(Duration.ZERO);
    assertThat(after("soon", now)).isEmpty();
    assertThat(after("-3", now)).isEmpty();
    assertThat(after("0.5", now)).contains(Duration.ofMillis(500));
  }

  private static Optional<Duration> after(String value, Instant now) {
    return Wire.retryAfter(
        HttpHeaders.of(Map.of("Retry-After", List.of(value)), (a, b) -> true), now);
  }

  @Test
  void what_will_not_pass_is_an_error_at_once_without_the_key() {
    service.misbehave(
        e -> {
          byte[] bytes = "{\"error\":\"wrong key sk-secret\"}".getBytes();
          e.sendResponseHeaders(401, bytes.length);
          e.getResponseBody().write(bytes);
        });
    try (ApiModel model = model("openai", "")) {
      assertThatThrownBy(() -> texts(model, List.of(question("hello", PLAIN))))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("status 401")
          .hasMessageContaining("wrong key …")
          .hasMessageNotContaining("secret");
      assertThat(service.seen).hasSize(1);
    }
  }

  @Test
  void an_answer_that_does_not_come_is_given_up() {
    service.hang();
    service.hang();
    try (ApiModel model = model("openai", "timeout=0.3,max_retries=1")) {
      assertThatThrownBy(() -> texts(model, List.of(question("hello", PLAIN))))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("no answer in 0.3 s; asked 2 times");
    }
  }

  @Test
  void what_was_answered_before_a_failure_is_kept() {
    try (ApiModel model = model("openai", "num_concurrent=1,max_retries=0")) {
      List<Integer> kept = new ArrayList<>();
      service.misbehave(
          e -> {
            byte[] bytes = "{\"choices\":[{\"message\":{\"content\":\"one\"}}]}".getBytes();
            e.sendResponseHeaders(200, bytes.length);
            e.getResponseBody().write(bytes);
          });
      service.status(400);
      List<Request> three =
          List.of(question("a", PLAIN), question("b", PLAIN), question("c", PLAIN));
      assertThatThrownBy(() -> model.answer(three, (i, answer) -> kept.add(i)))
          .isInstanceOf(ApiException.class);
      assertThat(kept).contains(0).doesNotContain(1);
    }
  }

  @Test
  void no_more_are_asked_at_once_than_is_said() {
    try (ApiModel model = model("openai", "num_concurrent=3")) {
      List<Request> many = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        many.add(question("q" + i, PLAIN));
        expected.add("Q" + i);
      }
      assertThat(texts(model, many)).isEqualTo(expected);
      assertThat(service.most.get()).isBetween(1, 3);
    }
  }

  @Test
  void requests_and_tokens_a_minute_are_kept_to() throws InterruptedException {
    Pace requests = new Pace(6, 0, time);
    for (int i = 0; i < 7; i++) {
      requests.turn(1000);
    }
    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(60).toNanos());
    Pace tokens = new Pace(0, 1000, time);
    long began = time.nanos();
    tokens.turn(500);
    tokens.turn(250);
    tokens.turn(1);
    assertThat(time.nanos() - began).isEqualTo(Duration.ofSeconds(45).toNanos());
  }

  @Test
  void log_likelihoods_are_those_of_the_tokens_after_the_context() {
    try (ApiModel model = model("openai", "interface=completions")) {
      Map<Integer, Answer> answers = new TreeMap<>();
      model.answer(
          List.of(
              new Request.Loglikelihood("abcd", "efg"),
              // The token "e " of context and continuation counts, as do blanks at the end.
              new Request.Loglikelihood("abcde", " xx"),
              new Request.Loglikelihood("abcd ", "xx"),
              new Request.Loglikelihood("höföab", "xxxx")),
          answers::put);
      assertThat(answers)
          .containsEntry(0, new Answer.Score(-2 - 3, false, 2))
          .containsEntry(1, new Answer.Score(-2 - 3, false, 2))
          .containsEntry(2, new Answer.Score(-2 - 3, true, 2))
          .containsEntry(3, new Answer.Score(-3 - 4, true, 2));
      assertThat(service.seen.getFirst().body().path("echo").asBoolean(false)).isTrue();
    }
  }

  @Test
  void what_cannot_be_scored_is_said_plainly_before_anything_is_asked() {
    List<Request> choice =
        List.of(question("paid", PLAIN), new Request.Loglikelihood("The sky is", " blue"));
    for (String provider : List.of("openai", "anthropic", "gemini")) {
      try (ApiModel model = model(provider, "")) {
        assertThatThrownBy(() -> model.answer(choice, (i, a) -> {}))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("only tasks that generate");
      }
    }
    try (ApiModel model = model("openai", "interface=completions")) {
      assertThatThrownBy(() -> model.answer(List.of(new Request.Rolling("x")), (i, a) -> {}))
          .hasMessageContaining("run the model here");
      assertThatThrownBy(
              () -> model.answer(List.of(new Request.Loglikelihood("", "x")), (i, a) -> {}))
          .hasMessageContaining("without a context");
      assertThat(service.seen).isEmpty();
      service.logprobs = false;
      assertThatThrownBy(() -> model.answer(choice.subList(1, 2), (i, a) -> {}))
          .hasMessageContaining("gives no log-probabilities");
    }
  }

  @Test
  void answers_that_a_service_keeps_back_are_counted() {
    service.body("{\"promptFeedback\": {\"blockReason\": \"SAFETY\"}}");
    try (ApiModel model = model("gemini", "")) {
      assertThat(texts(model, List.of(question("bad", PLAIN)))).containsExactly("");
      assertThat(model.usage().blocked()).isEqualTo(1);
    }
  }

  @Test
  void keys_come_from_the_environment_only() {
    assertThatThrownBy(() -> ApiSettings.of("openai:gpt", "api_key=sk-secret"))
        .hasMessageContaining("environment variable")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> ApiSettings.of("openai:https://me:sk-secret@host/v1", "model=m"))
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> new ApiModel(ApiSettings.of("anthropic:m", ""), Map.of()))
        .hasMessageContaining("ANTHROPIC_API_KEY");
    // In the clear it doesn't leave this machine.
    ApiSettings elsewhere = ApiSettings.of("openai:http://192.0.2.1/v1", "model=m");
    assertThat(elsewhere.key(KEYS)).isEmpty();
    assertThat(
            ApiSettings.of("openai:http://192.0.2.1/v1", "model=m,api_key_env=K")
                .key(Map.of("K", "k")))
        .contains("k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai: | model=m | address or a model",
        "other:x | | openai:, anthropic: or gemini:",
        "openai:http://h/v1 | | model=NAME",
        "openai:m | speed=3 | known are",
        "openai:m | num_concurrent=many | a number",
        "openai:m | num_concurrent=0 | 1 to 1024",
        "gemini:m | interface=completions | only a chat"
      })
  void a_name_that_makes_no_sense_says_what_would(String name, String arguments, String message) {
    assertThatThrownBy(() -> ApiSettings.of(name, arguments == null ? "" : arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void the_cost_is_estimated_before_anything_is_asked() {
    CostEstimate estimate =
        CostEstimate.of(List.of(question("x".repeat(392), PLAIN), question("y", PLAIN)));
    assertThat(estimate).isEqualTo(new CostEstimate(2, 98 + 8 + 1 + 8, 40));
    assertThat(estimate.price(2, 10)).isEqualTo((115 * 2 + 40 * 10) / 1e6);
  }

  @Test
  void recorded_answers_need_nobody() {
    try (ApiModel model = model("openai", "")) {
      RecordedModel recorded = new RecordedModel(model);
      assertThat(recorded.fingerprint()).isEqualTo(model.fingerprint());
      recorded.answer(List.of(), (i, a) -> {});
      assertThatThrownBy(() -> recorded.answer(List.of(question("x", PLAIN)), (i, a) -> {}))
          .hasMessageContaining("1 requests have no recorded answer");
      assertThat(service.seen).isEmpty();
    }
  }
}
