package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.eval.local.LocalModel;
import dev.gamelan.eval.run.Evaluation;
import java.time.Duration;

/** The live line of an evaluation: requests answered, tokens computed, time left. */
final class EvalProgress implements Evaluation.Progress, LocalModel.Progress {
  private final LiveLine line;
  private int answered;
  private int of;
  private int known;
  private long tokens;
  private long allTokens = 1;
  private long began;
  private int documents;

  EvalProgress(LiveLine line) {
    this.line = line;
  }

  @Override
  public void prepared(String task, int count, int requests) {
    documents += count;
    line.show(() -> "preparing " + task + ": " + documents + " documents");
  }

  @Override
  public void answered(int done, int all, int alreadyKnown) {
    answered = done;
    of = all;
    known = alreadyKnown;
    if (done == alreadyKnown && known > 0) {
      line.say(
          "gamelan: eval: %d of %d requests were answered before and aren't asked again"
              .formatted(known, all));
    }
    line.show(this::text);
  }

  @Override
  public void computed(long done, long all) {
    if (done < tokens || began == 0) {
      began = System.nanoTime();
    }
    tokens = done;
    allTokens = Math.max(1, all);
    line.show(this::text);
  }

  private String text() {
    StringBuilder text = new StringBuilder("answered %,d of %,d requests".formatted(answered, of));
    if (began != 0) {
      double seconds = (System.nanoTime() - began) / 1e9;
      text.append("  %d%%".formatted(100 * tokens / allTokens));
      if (seconds > 1 && tokens > 0) {
        double left = seconds / tokens * (allTokens - tokens);
        text.append("  ").append(Figures.count(tokens / seconds)).append("/s  ");
        text.append(Figures.time(Duration.ofMillis(Math.round(1000 * left)))).append(" left");
      }
    }
    return text.toString();
  }

  /** Says what was done and what the tree saved. */
  void finish(LocalModel.Savings savings) {
    line.finish(
        () ->
            savings.given() == 0
                ? "answered %,d requests, all known before".formatted(of)
                : "answered %,d requests: %,d tokens computed of %,d, %s saved by sharing what prompts have in common"
                    .formatted(
                        of,
                        savings.computed(),
                        savings.given(),
                        Figures.percent(1 - (double) savings.computed() / savings.given())));
  }
}
