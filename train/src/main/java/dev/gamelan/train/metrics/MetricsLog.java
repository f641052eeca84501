package dev.gamelan.train.metrics;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Metrics as JSON lines: one object a step, {@code {"step":17,"loss":3.25,…}}, steps rising.
 *
 * <p>A run that was killed and resumed leaves the very bytes of one that never stopped, provided
 * the values are functions of the step: so wall times and speeds belong in a log of their own.
 * Numbers are written as the shortest decimals that read back to the same bits (of a float or a
 * double, as given); NaN and infinities, which JSON lacks, as the strings {@code "NaN"}, {@code
 * "Infinity"}, {@code "-Infinity"}.
 *
 * <p>Each append goes to the system at once: a killed process loses at most the line it was
 * writing. {@link #sync} carries it through a power cut; call it before a checkpoint is published.
 * Safe for several threads.
 */
public final class MetricsLog implements AutoCloseable {
  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  private final AppendedFile file;
  private final JsonMapper mapper;
  private long last;

  private MetricsLog(AppendedFile file, JsonMapper mapper, long last) {
    this.file = file;
    this.mapper = mapper;
    this.last = last;
  }

  /**
   * Opens a log to go on after {@code lastStep}: lines of later steps are cut off, and so is a last
   * line that was not written to its end. The file and its folder are made if need be.
   *
   * @param lastStep the last step that counts, e.g. the checkpoint's; -1 begins anew
   * @throws MetricsException if the file can't be opened, or a line within it is no step's
   */
  public static MetricsLog open(Path path, long lastStep) {
    JsonMapper mapper = JsonMapper.shared();
    long[] kept = {-1};
    AppendedFile file =
        AppendedFile.open(
            path,
            there -> {
              long bytes = 0;
              try (Lines lines = new Lines(there)) {
                while (lines.next()) {
                  StepMetrics metrics = parse(mapper, there, lines, kept[0]);
                  if (metrics.step() > lastStep) {
                    break;
                  }
                  kept[0] = metrics.step();
                  bytes = lines.end;
                }
              }
              return bytes;
            });
    return new MetricsLog(file, mapper, kept[0]);
  }

  /**
   * All whole lines of a log, in order. May be called while a run still writes.
   *
   * @throws MetricsException if it can't be read, or a line is no step's
   */
  public static List<StepMetrics> read(Path path) {
    JsonMapper mapper = JsonMapper.shared();
    List<StepMetrics> all = new ArrayList<>();
    try (Lines lines = new Lines(path)) {
      while (lines.next()) {
        all.add(parse(mapper, path, lines, all.isEmpty() ? -1 : all.getLast().step()));
      }
    } catch (IOException e) {
      throw new MetricsException("metrics: %s can't be read: %s".formatted(path, e), e);
    }
    return all;
  }

  /** The last step that the log holds. */
  public synchronized OptionalLong lastStep() {
    return last < 0 ? OptionalLong.empty() : OptionalLong.of(last);
  }

  /**
   * Appends one step.
   *
   * @throws IllegalArgumentException if the step isn't later than the last one
   * @throws MetricsException if it can't be written
   */
  public synchronized void append(StepMetrics metrics) {
    if (metrics.step() <= last) {
      throw new IllegalArgumentException(
          "metrics: step %d after step %d; steps must rise".formatted(metrics.step(), last));
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", metrics.step());
    line.putAll(metrics.values());
    file.append((mapper.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    last = metrics.step();
  }

  /** Returns once everything is on the disk. */
  public void sync() {
    file.sync();
  }

  @Override
  public void close() {
    file.close();
  }

  private static StepMetrics parse(JsonMapper mapper, Path path, Lines lines, long before) {
    try {
      LinkedHashMap<String, Object> object = mapper.readValue(lines.line, OBJECT);
      // A line of "null" is JSON, but no object.
      Object step = object == null ? "missing" : object.remove("step");
      if ((step instanceof Integer || step instanceof Long)
          && ((Number) step).longValue() > before) {
        return new StepMetrics(((Number) step).longValue(), object);
      }
      throw damaged(path, lines, "its step is " + step + ", after step " + before);
    } catch (JacksonException | IllegalArgumentException e) {
      throw damaged(path, lines, e.getMessage().lines().findFirst().orElse("no JSON object"));
    }
  }

  private static MetricsException damaged(Path path, Lines lines, String why) {
    return new MetricsException(
        "metrics: %s, line %d is damaged (%s); restore the file, or move it away to begin a new one"
            .formatted(path, lines.number, why));
  }

  /** The lines of a file that end in a line feed; what comes after the last one was torn off. */
  private static final class Lines implements AutoCloseable {
    private final InputStream in;
    private byte[] line = {};
    private long end;
    private long number;

    Lines(Path path) throws IOException {
      in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    }

    boolean next() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          line = bytes.toByteArray();
          end += line.length + 1;
          number++;
          return true;
        }
        bytes.write(b);
      }
      return false;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
