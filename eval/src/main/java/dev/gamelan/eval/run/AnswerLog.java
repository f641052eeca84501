package dev.gamelan.eval.run;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.python.PythonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers under the hash of model and request, in a file that only grows: an evaluation that was
 * interrupted goes on where it was, and one with other tasks or metrics asks only for what is new.
 * Each answer is a line; a last line that a crash cut off is passed over. One process at a time may
 * have the file. Not safe for concurrent use.
 */
public final class AnswerLog implements AutoCloseable {
  private final String model;
  private final Map<String, Answer> answers = new HashMap<>();
  private final Optional<FileChannel> file;
  private final int found;

  private AnswerLog(String model, Optional<Path> path) {
    this.model = model;
    this.file = path.map(this::open);
    this.found = answers.size();
  }

  /** A log that ends with the process. */
  public static AnswerLog inMemory(String model) {
    return new AnswerLog(model, Optional.empty());
  }

  /**
   * A log in a file, made if it isn't there.
   *
   * @param model the model's fingerprint
   * @throws IllegalStateException if another process has it open
   * @throws IllegalArgumentException if it isn't such a log
   */
  public static AnswerLog at(Path path, String model) {
    return new AnswerLog(model, Optional.of(path));
  }

  private FileChannel open(Path path) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new IllegalStateException(
            path + ": another evaluation writes to it; wait for it or use another --output");
      }
      read(path, channel);
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  private void read(Path path, FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    byte[] all = bytes.array();
    int start = 0;
    int number = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\n') {
        number++;
        line(path + ":" + number, new String(all, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    // What follows the last line feed was being written when the process ended.
    channel.truncate(start);
    channel.position(start);
  }

  private void line(String place, String line) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(line);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          place + ": not a log of answers; remove it or use another folder", e);
    }
    String key = node.path("key").asString("");
    if (node.has("ll")) {
      double ll =
          node.get("ll").isString() ? special(node.get("ll")) : node.get("ll").doubleValue();
      answers.put(
          key,
          node.has("greedy")
              ? new Answer.Score(
                  ll, node.get("greedy").booleanValue(), node.path("tokens").asInt(0))
              : new Answer.Rolled(ll));
    } else if (node.has("text")) {
      answers.put(key, new Answer.Text(node.get("text").stringValue()));
    } else {
      throw new IllegalArgumentException(place + ": not an answer; remove the file");
    }
  }

  private static double special(JsonNode node) {
    return Double.parseDouble(node.stringValue());
  }

  /** How many answers the file had, of all models. */
  public int found() {
    return found;
  }

  /** The answer to a request, if it is known. */
  public Optional<Answer> find(Request request) {
    return Optional.ofNullable(answers.get(key(request)));
  }

  /** Keeps an answer, in the file before this returns. */
  public void put(Request request, Answer answer) {
    String key = key(request);
    answers.put(key, answer);
    file.ifPresent(channel -> append(channel, key, answer));
  }

  private static void append(FileChannel channel, String key, Answer answer) {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("key", key);
    switch (answer) {
      case Answer.Score s -> {
        number(line, s.loglikelihood());
        line.put("greedy", s.greedy()).put("tokens", s.tokens());
      }
      case Answer.Rolled r -> number(line, r.loglikelihood());
      case Answer.Text t -> line.put("text", t.text());
    }
    ByteBuffer bytes =
        ByteBuffer.wrap((PythonText.json(line, 0, true) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("eval: an answer can't be kept: " + e.getMessage(), e);
    }
  }

  private static void number(ObjectNode line, double value) {
    if (Double.isFinite(value)) {
      line.put("ll", value);
    } else {
      line.put("ll", Double.toString(value));
    }
  }

  private String key(Request request) {
    ObjectNode id = JsonNodeFactory.instance.objectNode();
    id.put("model", model).put("kind", request.kind()).set("arguments", request.arguments());
    if (request instanceof Request.Generate g) {
      id.put("repeat", g.repeat());
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(PythonText.json(id, 0, true).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes everything to the disk and gives the file free. */
  @Override
  public void close() {
    file.ifPresent(
        channel -> {
          try {
            channel.force(false);
            channel.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
