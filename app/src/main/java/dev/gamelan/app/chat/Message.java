package dev.gamelan.app.chat;

/**
 * What somebody said.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 * @param content the text
 */
public record Message(String role, String content) {}
