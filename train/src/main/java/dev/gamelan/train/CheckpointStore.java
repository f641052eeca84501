package dev.gamelan.train;

import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The checkpoints of a run, a folder a step: the model as published checkpoints are kept ({@code
 * config.json}, {@code model.safetensors}, tokenizer), both moments of the optimizer, and {@code
 * state.json} with the step, what the run is, and the SHA-256 of every file. A checkpoint appears
 * under its name when it is complete and synced, and not before; one whose sums don't hold is
 * passed over.
 */
public final class CheckpointStore {
  private static final Pattern NAME = Pattern.compile("step-(\\d{7,})");

  /** The part of a run's description that may change, at the price of other bits. */
  static final String KERNELS = "kernels";

  private static final String STATE = "state.json";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Path folder;
  private final Optional<Path> tokenizer;

  /**
   * @param folder where the checkpoints go
   * @param tokenizer a tokenizer.json that every checkpoint gets a copy of
   */
  public CheckpointStore(Path folder, Optional<Path> tokenizer) {
    this.folder = folder;
    this.tokenizer = tokenizer;
  }

  /** The folder of a step's checkpoint. */
  public Path of(long step) {
    return folder.resolve("step-%07d".formatted(step));
  }

  /** The steps that have a checkpoint, rising; not yet verified. */
  public List<Long> steps() {
    List<Long> steps = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        for (Path entry : entries) {
          Matcher name = NAME.matcher(entry.getFileName().toString());
          if (name.matches()) {
            steps.add(Long.parseLong(name.group(1)));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("checkpoints %s: cannot be listed".formatted(folder), e);
      }
    }
    steps.sort(Comparator.naturalOrder());
    return steps;
  }

  /**
   * Saves a checkpoint.
   *
   * @param run what the run is; a resume under another description is refused
   * @throws TrainingException if it can't be written (a full disk, say); earlier ones are untouched
   */
  public void save(long step, Family family, FlatParameters parameters, Map<String, String> run) {
    Path target = of(step);
    Path temporary = folder.resolve("." + target.getFileName() + ".tmp");
    try {
      delete(temporary);
      Checkpoint.save(temporary, family, parameters.weightsByName());
      Safetensors.write(
          temporary.resolve(OPTIMIZER), Map.of("m", parameters.m(), "v", parameters.v()), Map.of());
      if (tokenizer.isPresent()) {
        Files.copy(tokenizer.get(), temporary.resolve("tokenizer.json"));
      }
      writeState(temporary, step, run);
      delete(target);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      sync(folder);
    } catch (IOException | UncheckedIOException e) {
      try {
        delete(temporary);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw new TrainingException(
          "checkpoint of step %d: %s; the last good checkpoint is %s; make room and start again with the same command"
              .formatted(
                  step,
                  e.getMessage(),
                  steps().stream().reduce((a, b) -> b).map(s -> of(s).toString()).orElse("none")),
          e);
    }
  }

  private void writeState(Path temporary, long step, Map<String, String> run) throws IOException {
    ObjectNode state = MAPPER.createObjectNode().put("step", step);
    ObjectNode description = state.putObject("run");
    run.forEach(description::put);
    ObjectNode sums = state.putObject("sha256");
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(temporary)) {
      entries.forEach(files::add);
    }
    files.sort(Comparator.naturalOrder());
    for (Path file : files) {
      sums.put(file.getFileName().toString(), sha256(file));
    }
    Path file = temporary.resolve(STATE);
    Files.writeString(file, state.toPrettyString() + "\n");
    sync(file);
    sync(temporary);
  }

  /** Forces a file or a folder's entries to the disk. */
  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Loads the newest checkpoint whose sums hold.
   *
   * @param note told of every damaged one that is passed over
   * @return its step, or empty if there is none
   * @throws TrainingException if it is of another run: the message names what differs
   */
  public Optional<Long> restore(
      FlatParameters parameters, Kernels kernels, Map<String, String> run, Consumer<String> note) {
    List<Long> steps = steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Path checkpoint = of(steps.get(i));
      Optional<JsonNode> state = verified(checkpoint, note);
      if (state.isPresent() && Files.exists(checkpoint.resolve(OPTIMIZER))) {
        sameRun(checkpoint, state.get().path("run"), run, note);
        parameters.load(kernels, Checkpoint.open(checkpoint).tensors());
        Safetensors moments = Safetensors.open(checkpoint.resolve(OPTIMIZER));
        copy(checkpoint, moments.tensor("m"), parameters.m());
        copy(checkpoint, moments.tensor("v"), parameters.v());
        return Optional.of(steps.get(i));
      }
    }
    return Optional.empty();
  }

  private static void copy(Path checkpoint, Tensor from, Tensor to) {
    if (from.elements() != to.elements()) {
      throw new TrainingException(
          "checkpoint %s: its optimizer state is %s, this model's %s; it is of another model"
              .formatted(checkpoint, from.shape(), to.shape()));
    }
    MemorySegment.copy(from.segment(), 0, to.segment(), 0, 4 * to.elements());
  }

  private Optional<JsonNode> verified(Path checkpoint, Consumer<String> note) {
    try {
      JsonNode state = MAPPER.readTree(checkpoint.resolve(STATE).toFile());
      for (String file : List.of("config.json", "model.safetensors", OPTIMIZER)) {
        if (!state.path("sha256").path(file).isString()) {
          note.accept(
              "checkpoint %s: %s is damaged (it has no checksum of %s); the one before is used"
                  .formatted(checkpoint, STATE, file));
          return Optional.empty();
        }
      }
      for (Map.Entry<String, JsonNode> sum : state.path("sha256").properties()) {
        Path file = checkpoint.resolve(sum.getKey());
        boolean thinned = sum.getKey().equals(OPTIMIZER) && !Files.exists(file);
        if (!thinned && !sha256(file).equals(sum.getValue().asString(""))) {
          note.accept(
              "checkpoint %s: %s is damaged (its checksum differs); the one before is used"
                  .formatted(checkpoint, sum.getKey()));
          return Optional.empty();
        }
      }
      return Optional.of(state);
    } catch (IOException | JacksonException e) {
      note.accept(
          "checkpoint %s: damaged or incomplete (%s); the one before is used"
              .formatted(checkpoint, e.getMessage()));
      return Optional.empty();
    }
  }

  private static void sameRun(
      Path checkpoint, JsonNode saved, Map<String, String> run, Consumer<String> note) {
    Map<String, String> before = new LinkedHashMap<>();
    saved.properties().forEach(e -> before.put(e.getKey(), e.getValue().asString("")));
    for (Map.Entry<String, String> e : run.entrySet()) {
      String was = before.getOrDefault(e.getKey(), "absent");
      if (!was.equals(e.getValue()) && e.getKey().equals(KERNELS)) {
        note.accept(
            "the run began on %s and goes on on %s: from here on the bits differ from those of an uninterrupted run"
                .formatted(was, e.getValue()));
      } else if (!was.equals(e.getValue())) {
        throw new TrainingException(
            "checkpoint %s: it is of another run: %s was %s and is %s now; resume with the same, or name another run folder"
                .formatted(checkpoint, e.getKey(), was, e.getValue()));
      }
    }
  }

  /** Drops the optimizer state of all but the newest {@code keep} checkpoints. */
  public void thin(int keep) {
    List<Long> steps = steps();
    try {
      for (int i = 0; i < steps.size() - keep; i++) {
        Files.deleteIfExists(of(steps.get(i)).resolve(OPTIMIZER));
      }
    } catch (IOException e) {
      throw new TrainingException(
          "checkpoints %s: optimizer state cannot be deleted: %s".formatted(folder, e.getMessage()),
          e);
    }
  }

  private static String sha256(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(1 << 20);
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
