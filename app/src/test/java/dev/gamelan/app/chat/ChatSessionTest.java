package dev.gamelan.app.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.app.chat.ChatSession.Answer;
import dev.gamelan.app.chat.ChatSession.Finish;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.Model;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What the cache keeps between answers must not change them. */
final class ChatSessionTest {
  private static final int CONTEXT = 256;
  private static final Sampling GREEDY = Sampling.greedy(12);

  @TempDir private Path folder;

  /** A random model whose tokens are bytes; {@code window} 0 sees everything. */
  private Model model(Kernels kernels, int window) throws Exception {
    String config =
        """
        {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 32,
         "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 256, "max_position_embeddings": %d,
         "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "rope_theta": 10000.0,
         "sliding_window": %s}
        """
            .formatted(CONTEXT, window == 0 ? "null" : window);
    Family family = Families.read(new Config("test", JsonMapper.shared().readTree(config)));
    CounterRandom random = new CounterRandom(11, 5);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long counter = 0;
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      float[] values = new float[Math.toIntExact(p.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            p.role() == ParameterSpec.Role.NORM ? 1 : (float) (random.uniform(counter++) - 0.5);
      }
      tensors.put(p.name(), Tensor.copyOf(values, p.shape().extents()));
    }
    Checkpoint.save(folder, family, tensors);
    Files.writeString(folder.resolve("tokenizer.json"), bytes());
    return Model.open(folder, kernels);
  }

  /** A tokenizer whose ids are GPT-2's 256 letters for bytes. */
  private static String bytes() {
    StringBuilder vocabulary = new StringBuilder();
    int shifted = 0;
    for (int b = 0; b < 256; b++) {
      boolean plain = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      int letter = plain ? b : 256 + shifted++;
      vocabulary.append(b == 0 ? "" : ",").append("\"\\u%04x\":%d".formatted(letter, b));
    }
    return """
    {"version": "1.0", "added_tokens": [], "normalizer": null,
     "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
     "post_processor": null, "decoder": {"type": "ByteLevel"},
     "model": {"type": "BPE", "vocab": {%s}, "merges": []}}
    """
        .formatted(vocabulary);
  }

  private static Answer answer(ChatSession session, String prompt) {
    return session.answer(prompt, GREEDY, () -> false, _ -> {});
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 40})
  void answers_are_those_of_a_session_that_has_read_nothing_before(int window) throws Exception {
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 2, ComputeMode.F32)) {
      Model model = model(kernels, window);
      String first = "user: hello, who are you? assistant:";
      try (ChatSession session = new ChatSession(model, kernels, CONTEXT, Set.of())) {
        Answer one = answer(session, first);
        String[] then = {
          first + one.text() + " user: and then? assistant:", // goes on
          first + one.text().substring(0, 3) + "! user: and then? assistant:", // another answer
          "user: hello, " + "x".repeat(100) + " assistant:", // another beginning
          "user: hello, " + "x".repeat(100) + " assistant:", // the same again
          "none of it" // shorter
        };
        for (String prompt : then) {
          Answer kept = answer(session, prompt);
          try (ChatSession fresh = new ChatSession(model, kernels, CONTEXT, Set.of())) {
            Answer expected = answer(fresh, prompt);
            assertThat(kept.text()).as(prompt).isEqualTo(expected.text());
            assertThat(expected.readTokens()).isEqualTo(expected.promptTokens());
            if (window == 0 && !prompt.startsWith("none")) {
              assertThat(kept.readTokens()).as(prompt).isLessThan(expected.readTokens());
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void an_answer_ends_when_that_is_asked_for(int after) throws Exception {
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 2, ComputeMode.F32)) {
      Model model = model(kernels, 0);
      try (ChatSession session = new ChatSession(model, kernels, CONTEXT, Set.of())) {
        AtomicInteger asked = new AtomicInteger();
        Answer answer =
            session.answer("hello", GREEDY, () -> asked.getAndIncrement() >= after, _ -> {});

        assertThat(answer.finish()).isEqualTo(Finish.INTERRUPTED);
        assertThat(answer.tokens()).isEqualTo(after);
        // Nothing is left behind that the next answer would stumble over.
        Answer next = answer(session, "hello");
        try (ChatSession fresh = new ChatSession(model, kernels, CONTEXT, Set.of())) {
          assertThat(next.text()).isEqualTo(answer(fresh, "hello").text());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0})
  void an_end_token_ends_the_answer_and_is_no_text(int window) throws Exception {
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 2, ComputeMode.F32)) {
      Model model = model(kernels, window);
      int[] drawn;
      try (ChatSession session = new ChatSession(model, kernels, CONTEXT, Set.of())) {
        Answer whole = answer(session, "hello");
        assertThat(whole.finish()).isEqualTo(Finish.MAX_TOKENS);
        drawn = new int[] {whole.tokens()};
      }
      Set<Integer> all = new java.util.HashSet<>();
      for (int id = 0; id < 256; id++) {
        all.add(id);
      }
      try (ChatSession session = new ChatSession(model, kernels, CONTEXT, all)) {
        Answer none = answer(session, "hello");
        assertThat(none.finish()).isEqualTo(Finish.END_OF_TURN);
        assertThat(none.text()).isEmpty();
        assertThat(none.tokens()).isEqualTo(1).isLessThan(drawn[0]);
      }
    }
  }
}
