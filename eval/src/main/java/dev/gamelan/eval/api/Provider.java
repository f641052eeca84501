package dev.gamelan.eval.api;

import java.net.URI;

/** Whose protocol is spoken. */
public enum Provider {
  OPENAI("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
  ANTHROPIC("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
  GEMINI("gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY");

  private final String key;
  private final URI home;
  private final String variable;

  Provider(String key, String home, String variable) {
    this.key = key;
    this.home = URI.create(home);
    this.variable = variable;
  }

  /** As names of models begin. */
  public String key() {
    return key;
  }

  /** Where its own service is. */
  public URI home() {
    return home;
  }

  /** The environment variable with the key. */
  public String variable() {
    return variable;
  }
}
