package dev.gamelan.data;

/** The comments with copyright and licence that a Java file begins with. */
final class JavaHeader {
  private JavaHeader() {}

  /** Where the header ends: the leading block comments that speak of copyright or licence. */
  static int end(String text) {
    int at = 0;
    while (true) {
      int open = at;
      while (open < text.length() && Character.isWhitespace(text.charAt(open))) {
        open++;
      }
      if (!text.startsWith("/*", open)) {
        return at == 0 ? 0 : open;
      }
      int close = text.indexOf("*/", open + 2);
      if (close < 0 || !legal(text.substring(open, close))) {
        return at == 0 ? 0 : open;
      }
      at = close + 2;
    }
  }

  private static boolean legal(String comment) {
    return comment.contains("Copyright")
        || comment.contains("License")
        || comment.contains("license")
        || comment.contains("reserved comment block");
  }

  /** An SPDX expression for what a header says; the JDK's own where it names none. */
  static String licence(String header) {
    if (header.contains("GNU General Public License")) {
      return header.contains("Classpath") ? JdkSources.LICENCE : "GPL-2.0-only";
    }
    return header.contains("Apache License, Version 2.0") || header.contains("Apache Software")
        ? "Apache-2.0"
        : JdkSources.LICENCE;
  }
}
