package dev.gamelan.app.chat;

import dev.gamelan.model.generate.Sampling;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A conversation with a model, line by line: what is said, and commands that begin with a slash.
 */
public final class Conversation {
  /** What the commands do, for {@code /help}. */
  private static final String HELP =
      """
      /reset         begin anew; the system message stays
      /system TEXT   what the model is told beforehand; without a text, show it; - removes it
      /save FILE     write the conversation as JSON
      /help          this
      /quit          end (also Ctrl-D)
      //TEXT         say something that begins with a slash
      Ctrl-C         end the answer, not the conversation
      """;

  private static final List<String> COMMANDS =
      List.of("/reset", "/system", "/save", "/help", "/quit", "/exit");

  private final ChatSession session;
  private final ChatFormat format;
  private final Sampling sampling;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean figures;
  private final List<Message> messages = new ArrayList<>();
  private Optional<String> system;
  private Optional<Path> saved = Optional.empty();
  private boolean failed;

  /**
   * @param system what the model is told beforehand
   * @param out where answers go
   * @param err where everything else goes
   * @param figures whether to say after each answer what it took
   */
  public Conversation(
      ChatSession session,
      ChatFormat format,
      Sampling sampling,
      Optional<String> system,
      PrintStream out,
      PrintStream err,
      boolean figures) {
    this.session = session;
    this.format = format;
    this.sampling = sampling;
    this.system = system;
    this.out = out;
    this.err = err;
    this.figures = figures;
  }

  /** What begins a line that is a command. */
  public static List<String> commands() {
    return COMMANDS;
  }

  /**
   * Talks until the lines end or somebody quits.
   *
   * @return whether every line was answered or obeyed
   */
  public boolean hold(Lines lines) throws IOException {
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      String said = line.get().strip();
      if (said.isEmpty()) {
        continue;
      }
      if (said.startsWith("/") && !said.startsWith("//")) {
        if (!obey(said)) {
          break;
        }
      } else {
        answer(said.startsWith("//") ? said.substring(1) : said, lines);
      }
    }
    return !failed;
  }

  private void answer(String said, Lines lines) {
    messages.add(new Message("user", said));
    ChatSession.Answer answer;
    try {
      answer =
          session.answer(
              format.render(all(), true),
              sampling,
              lines.interruption(),
              piece -> {
                out.print(piece);
                out.flush();
              });
    } catch (IllegalArgumentException e) {
      // What can't be answered was not said.
      messages.removeLast();
      complain(e.getMessage());
      return;
    }
    out.println();
    out.flush();
    if (answer.finish() == ChatSession.Finish.INTERRUPTED && answer.tokens() == 0) {
      messages.removeLast();
    } else {
      messages.add(new Message("assistant", answer.text()));
    }
    switch (answer.finish()) {
      case END_OF_TURN, STOP_STRING -> {}
      case MAX_TOKENS ->
          err.printf(
              "gamelan: chat: cut after %d tokens; --max-tokens allows more%n", answer.tokens());
      case CONTEXT_FULL ->
          err.printf(
              "gamelan: chat: cut, since the conversation has reached its %d tokens; /reset begins"
                  + " anew%n",
              session.context());
      case INTERRUPTED -> err.println("gamelan: chat: interrupted");
    }
    if (figures) {
      err.printf(
          Locale.ROOT,
          "gamelan: chat: read %d of %d prompt tokens in %.2f s, wrote %d at %.1f tokens/s; %d of"
              + " %d used%n",
          answer.readTokens(),
          answer.promptTokens(),
          answer.reading().toNanos() / 1e9,
          answer.tokens(),
          answer.tokensPerSecond(),
          answer.promptTokens() + answer.tokens(),
          session.context());
    }
  }

  /** Whether to go on. */
  private boolean obey(String line) {
    String[] words = line.split("\\s+", 2);
    String rest = words.length == 2 ? words[1].strip() : "";
    switch (words[0]) {
      case "/quit", "/exit" -> {
        return false;
      }
      case "/help" -> err.print(HELP);
      case "/reset" -> messages.clear();
      case "/system" -> {
        if (rest.isEmpty()) {
          err.println(system.orElse("(no system message)"));
        } else {
          system = rest.equals("-") ? Optional.empty() : Optional.of(rest);
        }
      }
      case "/save" -> save(rest);
      default -> complain("there is no command " + words[0] + "; /help lists them");
    }
    return true;
  }

  private void save(String file) {
    if (file.isEmpty()) {
      complain("/save needs the name of a file");
      return;
    }
    Path path = Path.of(file);
    if (Files.exists(path) && !saved.equals(Optional.of(path))) {
      complain(file + " exists already; give another name, or remove it");
      return;
    }
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode list = json.putArray("messages");
    all().forEach(m -> list.addObject().put("role", m.role()).put("content", m.content()));
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      Files.write(temporary, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
      saved = Optional.of(path);
      err.printf("gamelan: chat: %d messages saved to %s%n", list.size(), file);
    } catch (IOException e) {
      complain("cannot save to " + file + ": " + e);
    }
  }

  private List<Message> all() {
    List<Message> all = new ArrayList<>();
    system.ifPresent(s -> all.add(new Message("system", s)));
    all.addAll(messages);
    return all;
  }

  private void complain(String message) {
    failed = true;
    err.println("gamelan: chat: " + message);
  }
}
