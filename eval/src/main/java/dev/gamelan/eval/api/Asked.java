package dev.gamelan.eval.api;

import dev.gamelan.eval.local.GenerationArguments;
import java.util.List;

/**
 * What is to be answered.
 *
 * @param messages of a chat; one user's message for a plain prompt
 * @param repeat which of several samples
 */
record Asked(List<Message> messages, GenerationArguments arguments, int repeat) {
  /** A turn: system, user or assistant. */
  record Message(String role, String content) {}

  /** Stops that a service can be told: no blanks, and no more than it takes. */
  List<String> stops(int most) {
    return arguments.until().stream().filter(s -> !s.isBlank()).limit(most).toList();
  }
}
