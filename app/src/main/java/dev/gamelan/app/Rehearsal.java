package dev.gamelan.app;

import dev.gamelan.app.command.Stages;
import dev.gamelan.app.console.Logging;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.train.Initializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the launcher runs once after a build, so that the JVM's ahead-of-time cache has the classes
 * that real work needs: the usual commands with models of a few kilobytes, made here.
 */
public final class Rehearsal {
  private static final String TEXT =
      "The model is made here, it is very small, and what it says means nothing at all. ";

  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
       "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true,
       "vocab_size": 288, "bos_token_id": 0, "eos_token_id": 0}
      """;

  private Rehearsal() {}

  /**
   * Ends the JVM with 0, or with the status of the first command that failed.
   *
   * @param arguments the folder to work in, which is there and empty
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("rehearsal: the folder to work in is expected");
    }
    Logging.lazily();
    System.exit(run(Shell.ofProcess(), Path.of(arguments[0])));
  }

  /** The status of the first command that failed, 0 if none did. */
  static int run(Shell shell, Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), TEXT.repeat(8));
    Path model = folder.resolve("model");
    save(model);
    String tokenizer = model.resolve("tokenizer.json").toString();
    String gguf = folder.resolve("model.gguf").toString();
    for (List<String> command :
        List.of(
            List.of(
                "tokenizer",
                "train",
                "--text",
                text.toString(),
                "--vocab",
                "270",
                "--out",
                tokenizer),
            List.of("tokenizer", "encode", "--tokenizer", tokenizer, "The model"),
            List.of("convert", model.toString(), "--to", "gguf", "--dtype", "q4_1", "--out", gguf),
            List.of("inspect", model.toString()),
            List.of("inspect", gguf),
            List.of(
                "generate", "--model", model.toString(), "--prompt", "The", "--max-tokens", "8"),
            List.of(
                "generate",
                "--model",
                gguf,
                "--prompt",
                "The model",
                "--temperature",
                "0.8",
                "--max-tokens",
                "8"))) {
      int status = Stages.run(shell, command.toArray(String[]::new));
      if (status != 0) {
        return status;
      }
    }
    return 0;
  }

  private static void save(Path folder) {
    Family family = Families.read(new Config("rehearsal", JsonMapper.shared().readTree(CONFIG)));
    Decoder decoder = new Decoder(family.spec());
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (ParameterSpec p : decoder.parameters()) {
      weights.put(p.name(), Tensor.zeros(p.shape().extents()));
    }
    Initializer.SMALL.initialize(decoder, weights, 0);
    Checkpoint.save(folder, family, weights);
  }
}
