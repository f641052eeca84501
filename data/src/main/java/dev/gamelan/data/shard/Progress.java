package dev.gamelan.data.shard;

/**
 * How far a preparation is.
 *
 * @param documents written so far
 * @param bytes of their text, in UTF-8
 * @param tokens written so far, separators included
 * @param seconds since the start
 * @param done whether this is the last report
 */
public record Progress(long documents, long bytes, long tokens, double seconds, boolean done) {
  /** Text read per second, in bytes; 0 before time has passed. */
  public double bytesPerSecond() {
    return seconds > 0 ? bytes / seconds : 0;
  }
}
