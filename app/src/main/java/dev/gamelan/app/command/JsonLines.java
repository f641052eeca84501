package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON objects from stdin, one a line, each answered by one on stdout. */
final class JsonLines {
  /** Turns one object into its answer. */
  interface Step {
    /**
     * @throws IllegalArgumentException if the object isn't what it should be
     */
    ObjectNode answer(JsonNode object, JsonMapper mapper);
  }

  private JsonLines() {}

  /** Answers every line; blank ones are passed over. An error names the line. */
  static void answer(Shell shell, Step step) throws IOException {
    JsonMapper mapper = JsonMapper.shared();
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                shell.in(),
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)),
            1 << 16);
    long number = 0;
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (!line.isBlank()) {
          JsonNode object = mapper.readTree(line);
          if (!object.isObject()) {
            throw new IllegalArgumentException("a JSON object is needed");
          }
          shell.out().append(mapper.writeValueAsString(step.answer(object, mapper))).append('\n');
          // Whoever waits for an answer before the next question gets it; else the buffer fills.
          if ((!in.ready() || number % 1024 == 0) && shell.out().checkError()) {
            return; // nobody reads on; the caller says so
          }
        }
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "stdin, line %d: not JSON: %s".formatted(number, e.getOriginalMessage()), e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("stdin, after line %d: not UTF-8".formatted(number), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("stdin, line %d: %s".formatted(number, e.getMessage()), e);
    }
  }
}
