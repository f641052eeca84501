package dev.gamelan.train;

import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.data.shard.ShardOptions;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenShards;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.json.JsonMapper;

/** A corpus, a tokenizer, a model and a configuration, all so small that a run takes a second. */
final class TinyRun {
  static final int VOCABULARY = 288;
  static final int LENGTH = 16;

  private static final List<String> WORDS =
      List.of("the", "gong", "answers", "a", "drum", "slowly", "and", "again", "rings", "bronze");

  private TinyRun() {}

  /** Writes {@code tokenizer/tokenizer.json} and {@code data}; the same bytes every time. */
  static void prepare(Path root) throws IOException, InterruptedException {
    prepare(root, 7);
  }

  static void prepare(Path root, long seed) throws IOException, InterruptedException {
    List<String> texts = texts(seed);
    new BpeTrainer(BpeTrainingOptions.of(VOCABULARY)).train(texts).save(root.resolve("tokenizer"));
    Tokenizer tokenizer = Tokenizers.open(tokenizer(root));
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      documents.add(new Document("d" + i, texts.get(i), "tiny"));
    }
    TokenShards.write(
        DocumentStream.of(documents.iterator()),
        tokenizer,
        root.resolve("data"),
        ShardOptions.defaults().withThreads(1));
  }

  private static List<String> texts(long seed) {
    CounterRandom random = new CounterRandom(seed, 1);
    List<String> texts = new ArrayList<>();
    long n = 0;
    for (int i = 0; i < 60; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < 40; w++) {
        text.append(w == 0 ? "" : " ").append(WORDS.get((int) random.below(WORDS.size(), n++)));
      }
      texts.add(text.append(".\n").toString());
    }
    return texts;
  }

  static Path tokenizer(Path root) {
    return root.resolve("tokenizer/tokenizer.json");
  }

  static Family family() {
    return family(VOCABULARY, 32, 2);
  }

  static Family family(int vocabulary, int width, int layers) {
    return Families.read(
        new Config(
            "test",
            JsonMapper.builder()
                .build()
                .readTree(
                    """
                    {"architectures": ["LlamaForCausalLM"], "vocab_size": %d, "hidden_size": %d,
                     "intermediate_size": 48, "num_hidden_layers": %d, "num_attention_heads": 4,
                     "num_key_value_heads": 2, "max_position_embeddings": 64, "eos_token_id": 0}
                    """
                        .formatted(vocabulary, width, layers))));
  }

  static TrainingConfig config(long steps) {
    return config(steps, 4, 2, 1e-2, 3);
  }

  static TrainingConfig config(
      long steps, int batch, int accumulation, double rate, long checkpointEvery) {
    return new TrainingConfig(
        LENGTH,
        batch,
        accumulation,
        steps,
        rate,
        Schedule.Decay.COSINE,
        2,
        0.1,
        0.9,
        0.95,
        1e-8,
        0.1,
        1.0,
        Initializer.SMALL,
        42,
        0.1,
        4,
        3,
        checkpointEvery,
        true,
        2,
        5,
        6);
  }

  static Kernels kernels(String name, int threads) {
    return Backends.open(Optional.of(name), threads, ComputeMode.F32);
  }

  static Trainer trainer(
      Path root,
      Path run,
      TrainingConfig config,
      Family family,
      TokenDataset data,
      Kernels kernels,
      TrainingListener listener) {
    return new Trainer(
        config,
        family,
        Optional.empty(),
        kernels,
        data,
        run,
        Optional.of(tokenizer(root)),
        List.of("the gong", "a"),
        listener);
  }

  /** Runs, or goes on with, a run in {@code run} over the data in {@code root}. */
  static long run(
      Path root, Path run, TrainingConfig config, TrainingListener listener, BooleanSupplier stop) {
    try (Kernels kernels = kernels("scalar", 1);
        TokenDataset data = TokenDataset.open(root.resolve("data"))) {
      return trainer(root, run, config, family(), data, kernels, listener).run(stop);
    }
  }

  static long run(Path root, Path run, TrainingConfig config) {
    return run(root, run, config, new TrainingListener() {}, () -> false);
  }

  static Path checkpoint(Path run, long step) {
    return run.resolve("checkpoints").resolve("step-%07d".formatted(step));
  }

  /** The bytes of what a run leaves: weights, optimizer, metrics and samples. */
  static List<byte[]> left(Path run, long step) throws IOException {
    return List.of(
        Files.readAllBytes(checkpoint(run, step).resolve("model.safetensors")),
        Files.readAllBytes(checkpoint(run, step).resolve("optimizer.safetensors")),
        Files.readAllBytes(run.resolve("metrics.jsonl")),
        Files.readAllBytes(run.resolve("samples.jsonl")));
  }
}
