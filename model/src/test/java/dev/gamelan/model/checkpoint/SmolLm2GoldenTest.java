package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.hf.HfTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real chat model: SmolLM2-135M-Instruct against what transformers computes from its weights. */
class SmolLm2GoldenTest {
  /** Where the best two logits are closer, float32 arithmetic doesn't decide between them. */
  private static final double CLEAR = 0.02;

  private static final Path FOLDER =
      Path.of(System.getProperty("gamelan.shared", "../../shared"))
          .resolve("assets/models/smollm2");
  private static final Path GGUF = FOLDER.resolve("SmolLM2-135M-Instruct.Q4_1.gguf");

  @TempDir private Path temporary;

  @BeforeAll
  static void files() {
    assumeTrue(Files.exists(GGUF), () -> "skipped: there is no " + GGUF);
  }

  private static JsonNode golden(String key) {
    return JsonMapper.builder().build().readTree(FOLDER.resolve("golden.json").toFile()).path(key);
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).intValue();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "x86"})
  void log_probabilities_and_greedy_tokens_are_those_of_transformers(String backend) {
    for (Backends.Candidate candidate : Backends.probe()) {
      if (candidate.name().equals(backend)
          && candidate.availability() instanceof Availability.Unusable(String reason)) {
        assumeTrue(false, "skipped: " + backend + ": " + reason);
      }
    }
    try (Kernels kernels = Backends.open(Optional.of(backend), 2, ComputeMode.F32)) {
      Model model = Model.open(GGUF, kernels);
      JsonNode texts = golden("teacher_forced");
      assertThat(texts.size()).isEqualTo(3);
      texts.forEach(text -> assertLogProbabilities(model, text));
      List<JsonNode> chats = new ArrayList<>();
      golden("chat_greedy").forEach(chats::add);
      assertThat(chats).hasSize(8);
      assertGreedy(model, kernels, chats);
    }
  }

  @Test
  void so_are_those_of_its_conversion_to_safetensors() {
    Path folder = temporary.resolve("model");
    Conversion.of(GGUF).toSafetensors(folder, Optional.empty());
    Map<String, Tensor> before = Checkpoint.open(GGUF).tensors();
    Checkpoint converted = Checkpoint.open(folder);
    assertThat(converted.tensors().keySet()).isEqualTo(before.keySet());
    converted
        .tensors()
        .forEach(
            (name, t) -> {
              assertThat(t.dtype()).isEqualTo(DType.F32);
              assertThat(t.rows(0, 1).toFloats()).isEqualTo(before.get(name).rows(0, 1).toFloats());
            });
    try (Kernels kernels = Backends.open(Optional.of("vector"), 2, ComputeMode.F32)) {
      Model model = Model.open(folder, kernels);
      assertLogProbabilities(model, golden("teacher_forced").get(1));
      assertGreedy(
          model, kernels, List.of(golden("chat_greedy").get(0), golden("chat_greedy").get(1)));
      assertThat(model.tokenizer().eos()).hasValue(2);
    }
  }

  private static void assertLogProbabilities(Model model, JsonNode text) {
    float[] logs = model.logProbabilities(ints(text.path("ids")));
    JsonNode expected = text.path("logprob_of_next");
    assertThat(logs).hasSize(expected.size());
    double worst = 0;
    for (int i = 0; i < logs.length; i++) {
      worst = Math.max(worst, Math.abs(logs[i] - expected.get(i).doubleValue()));
    }
    assertThat(worst).isLessThan(1e-3);
  }

  /** All chats in one batch; each is fed the golden tokens, so that one tie doesn't end it. */
  private static void assertGreedy(Model model, Kernels kernels, List<JsonNode> chats) {
    KvCache cache = new KvCache(model.decoder().spec(), kernels, 128L * chats.size());
    Inference inference =
        new Inference(model.decoder(), model.parameters(), kernels, cache, chats.size());
    List<Sequence> sequences = new ArrayList<>();
    int compared = 0;
    int longest = 0;
    for (JsonNode chat : chats) {
      Sequence sequence = new Sequence(cache);
      sequences.add(sequence);
      compared += assertBest(inference.feed(sequence, ints(chat.path("prompt_ids"))), 0, chat, 0);
      longest = Math.max(longest, chat.path("greedy_ids").size());
    }
    for (int step = 1; step < longest; step++) {
      List<Inference.Feed> feeds = new ArrayList<>();
      List<JsonNode> running = new ArrayList<>();
      for (int i = 0; i < chats.size(); i++) {
        int[] ids = ints(chats.get(i).path("greedy_ids"));
        if (step < ids.length) {
          feeds.add(new Inference.Feed(sequences.get(i), ids, step - 1, step));
          running.add(chats.get(i));
        }
      }
      Tensor logits = inference.run(feeds);
      for (int i = 0; i < running.size(); i++) {
        compared += assertBest(logits, i, running.get(i), step);
      }
    }
    sequences.forEach(Sequence::close);
    assertThat(compared).isGreaterThan(20 * chats.size() / 2);
  }

  private static int assertBest(Tensor logits, int row, JsonNode chat, int step) {
    if (chat.path("margin_over_second").get(step).doubleValue() <= CLEAR) {
      return 0;
    }
    float[] values = logits.rows(row, row + 1).toFloats();
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    assertThat(best)
        .as("token %d after %s", step, chat.path("user"))
        .isEqualTo(chat.path("greedy_ids").get(step).intValue());
    return 1;
  }

  @Test
  void its_own_tokenizer_gives_the_ids_of_the_tokenizer_json_beside_it() throws IOException {
    Tokenizer own = GgufModel.tokenizer(GGUF);
    Tokenizer json = Tokenizers.open(FOLDER.resolve("tokenizer.json.gz"));
    List<String> texts = new ArrayList<>();
    golden("teacher_forced").forEach(t -> texts.add(t.path("text").stringValue()));
    for (JsonNode chat : golden("chat_greedy")) {
      texts.add(chat.path("prompt").stringValue());
      assertThat(own.encode(chat.path("prompt").stringValue(), Tokenizer.Special.PARSE))
          .isEqualTo(ints(chat.path("prompt_ids")));
    }
    texts.add("12345 don't  \n\n\tđược 漢字 👩‍👩‍👧 ﬁ é e\u0301 <|im_start|>\u0000\u0004");
    for (String text : texts) {
      for (Tokenizer.Special special : Tokenizer.Special.values()) {
        assertThat(own.encode(text, special)).isEqualTo(json.encode(text, special));
      }
    }
    assertThat(own.vocabularySize()).isEqualTo(json.vocabularySize());
    for (int id = 0; id < own.vocabularySize(); id++) {
      assertThat(own.bytes(id)).isEqualTo(json.bytes(id));
      assertThat(own.isSpecial(id)).isEqualTo(json.isSpecial(id));
    }
    assertThat(own.bos()).hasValue(1);
    assertThat(own.eos()).hasValue(2);
    assertThat(((HfTokenizer) own).spec().preTokenizer())
        .isEqualTo(((HfTokenizer) json).spec().preTokenizer());
  }
}
