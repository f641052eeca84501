package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.checkpoint.Conversion;
import dev.gamelan.model.checkpoint.FileType;
import dev.gamelan.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gamelan convert}. */
@Command(
    name = "convert",
    customSynopsis =
        "gamelan convert MODEL --to FORMAT [--dtype TYPE] [--adapter FOLDER] [--out PATH]",
    description = "Write a model in another format, with its tokenizer and chat template.",
    footer = {
      "",
      "Examples:",
      "  gamelan convert runs/tour/model --to gguf --dtype q8_0",
      "  gamelan convert SmolLM2.Q4_1.gguf --to safetensors --out smollm2",
      "  gamelan convert llama2-7b --adapter my-lora --to safetensors --out my-llama",
      "",
      "The GGUF types are llama.cpp's mixtures: norms and biases f32, the head (and an embedding that"
          + " is the head) q6_k at least; in the _m types what bears less is finer; a matrix whose rows"
          + " aren't whole blocks gets a type with smaller ones. The blocks are llama.cpp's, byte for"
          + " byte."
    })
final class ConvertCommand extends Stage {
  /** What a model can be written as. */
  enum Format {
    GGUF,
    SAFETENSORS
  }

  @Parameters(
      paramLabel = "MODEL",
      description = "A folder, a .gguf, .safetensors, .bin or .pth, or hf:OWNER/NAME in the cache.")
  private ModelName model;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORMAT",
      description = "gguf or safetensors.")
  private Format format;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "f32, f16, bf16; for gguf also q8_0, q6_k, q5_k_m, q5_k_s, q5_1, q5_0, q4_k_m, q4_k_s, q4_1,"
              + " q4_0 (default: what the tensors are; f32 where safetensors has no such type).")
  private Optional<FileType> dtype = Optional.empty();

  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      description = "A LoRA to merge into the weights: a folder that peft has saved.")
  private Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "PATH",
      description =
          "Where to; must not exist (default: the model's name with the type, in this folder).")
  private Optional<Path> out = Optional.empty();

  ConvertCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Path to = out.orElseGet(this::named);
    if (Files.exists(to)) {
      throw badUsage(to + " exists already; give another --out, or remove it");
    }
    Conversion conversion = Conversion.of(model.locate(shell()), adapter);
    long before =
        bytes(
            conversion.checkpoint().kept().values().stream()
                .map(t -> t.dtype().bytes(t.elements())));
    switch (format) {
      case GGUF -> {
        Map<String, DType> written = conversion.toGguf(to, dtype);
        Map<DType, Integer> counts = new EnumMap<>(DType.class);
        written.values().forEach(d -> counts.merge(d, 1, Integer::sum));
        shell().out().printf("tensors: %s%n", counts);
      }
      case SAFETENSORS -> conversion.toSafetensors(to, dtype);
    }
    shell()
        .out()
        .printf(
            "%s: %s, from %s of weights%s%n",
            to,
            Figures.bytes(size(to)),
            Figures.bytes(before),
            conversion
                .whyNoTokenizer(format == Format.GGUF)
                .map(why -> "; without a tokenizer: " + why)
                .orElse(""));
    return DONE;
  }

  private static long bytes(Stream<Long> sizes) {
    return sizes.mapToLong(Long::longValue).sum();
  }

  private static long size(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  private Path named() {
    String merged =
        adapter.map(folder -> "-" + folder.toAbsolutePath().normalize().getFileName()).orElse("");
    String stem = model.name().replaceFirst("\\.(gguf|safetensors|bin|pth?)$", "") + merged;
    String type = dtype.map(d -> "-" + d.name().toLowerCase(Locale.ROOT)).orElse("");
    return Path.of(
        switch (format) {
          case GGUF -> stem + type + ".gguf";
          case SAFETENSORS -> stem + type + "-safetensors";
        });
  }
}
