package dev.gamelan.app.command;

import dev.gamelan.eval.local.LocalModel;
import dev.gamelan.eval.local.ModelDigest;
import dev.gamelan.model.Model;
import dev.gamelan.model.checkpoint.GgufModel;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.template.ChatTemplate;
import dev.gamelan.text.template.ModelTemplates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Opens models that run here, for evaluations: the one that is measured, and one that judges. */
final class EvalModels {
  private EvalModels() {}

  /**
   * How long and how large.
   *
   * @param ordered tokens that the user wants; more than the model has is an error
   * @param most tokens that a regime allows; a smaller model has its own
   */
  record Lengths(Optional<Integer> ordered, OptionalInt most, boolean separate, int rows) {
    static Lengths standard() {
      return new Lengths(Optional.empty(), OptionalInt.empty(), false, 128);
    }
  }

  static LocalModel open(
      String name,
      Path path,
      Optional<Path> tokenizer,
      Kernels kernels,
      Lengths lengths,
      LocalModel.Progress progress)
      throws IOException {
    Model loaded =
        tokenizer.isPresent()
            ? Model.open(path, tokenizer.get(), kernels)
            : Model.open(path, kernels);
    OptionalInt length = lengths.ordered().map(OptionalInt::of).orElse(lengths.most());
    if (lengths.ordered().isEmpty() && length.orElse(0) > loaded.decoder().spec().context()) {
      length = OptionalInt.empty();
    }
    return new LocalModel(
        name,
        ModelDigest.of(path, tokenizer.map(List::of).orElse(List.of())),
        loaded,
        kernels,
        new LocalModel.Options(length, lengths.separate(), lengths.rows()),
        templates(path, loaded),
        progress);
  }

  private static Optional<ModelTemplates> templates(Path path, Model loaded) throws IOException {
    if (GgufModel.is(path)) {
      Map<String, String> tokens = new LinkedHashMap<>();
      Tokenizer tokenizer = loaded.tokenizer();
      tokenizer.bos().ifPresent(id -> tokens.put("bos_token", text(tokenizer, id)));
      tokenizer.eos().ifPresent(id -> tokens.put("eos_token", text(tokenizer, id)));
      return GgufModel.chatTemplate(path)
          .map(t -> ChatTemplate.parse(path + ", chat_template", t))
          .map(t -> new ModelTemplates(Map.of("default", t), tokens));
    }
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ModelTemplates.open(path));
    } catch (IllegalArgumentException e) {
      // Most base models have none; whoever asks for one is told.
      return Optional.empty();
    }
  }

  private static String text(Tokenizer tokenizer, int id) {
    return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
  }
}
