package dev.gamelan.bench;

import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How long Gamelan trains 32k byte-level BPE on a file's lines, in a JVM that has just started: a
 * line of JSON.
 */
public final class TokenizerTrainingTime {
  private TokenizerTrainingTime() {}

  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    List<String> lines = List.of(Files.readString(Path.of(arguments[0])).split("(?<=\n)"));
    new BpeTrainer(BpeTrainingOptions.of(32_000)).train(lines);
    System.out.printf(
        "{\"what\": \"training 32k BPE on 12 MB\", \"engine\": \"gamelan\", \"seconds\": %.3f}%n",
        (System.nanoTime() - start) / 1e9);
  }
}
