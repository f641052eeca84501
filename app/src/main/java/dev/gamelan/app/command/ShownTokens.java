package dev.gamelan.app.command;

import dev.gamelan.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Tokens for the eye: every piece with its id; in colours that take turns, or in brackets. */
final class ShownTokens {
  /** Backgrounds of the 256-colour palette that black letters are read well on. */
  private static final int[] BACKGROUNDS = {153, 222, 157, 218, 189, 229};

  private final Tokenizer tokenizer;
  private final boolean colours;

  ShownTokens(Tokenizer tokenizer, boolean colours) {
    this.tokenizer = tokenizer;
    this.colours = colours;
  }

  /** One string for all of {@code ids}; line feeds in the text show as \n and break the line. */
  String show(int[] ids) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < ids.length; i++) {
      String piece = piece(ids[i]);
      if (colours) {
        all.append("\033[30;48;5;").append(BACKGROUNDS[i % BACKGROUNDS.length]).append('m');
        all.append(piece).append("\033[0m\033[2m").append(ids[i]).append("\033[0m ");
      } else {
        all.append('[').append(piece).append('|').append(ids[i]).append(']');
      }
      if (piece.endsWith("\\n")) {
        all.append('\n');
      }
    }
    return all.toString();
  }

  /** The piece's text; bytes that aren't whole characters, and control characters, are escaped. */
  private String piece(int id) {
    byte[] bytes = tokenizer.bytes(id);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      StringBuilder shown = new StringBuilder();
      text.codePoints()
          .forEach(
              c -> {
                if (c == '\n') {
                  shown.append("\\n");
                } else if (c == '\t') {
                  shown.append("\\t");
                } else if (Character.isISOControl(c)) {
                  shown.append("\\u%04x".formatted(c));
                } else {
                  shown.appendCodePoint(c);
                }
              });
      return shown.toString();
    } catch (CharacterCodingException e) {
      StringBuilder shown = new StringBuilder();
      for (byte b : bytes) {
        shown.append("\\x%02X".formatted(b));
      }
      return shown.toString();
    }
  }
}
