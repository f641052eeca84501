package dev.gamelan.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

final class AnswerLogTest {
  private static final Request SCORED = new Request.Loglikelihood("a\n", " b");
  private static final Request ROLLED = new Request.Rolling("text");
  private static final Request SAMPLED =
      new Request.Generate("p", JsonNodeFactory.instance.objectNode().put("temperature", 0.5), 1);

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("deep/answers.jsonl");
  }

  @Test
  void answers_are_found_again_by_model_and_request() {
    try (AnswerLog log = AnswerLog.at(file(), "model A")) {
      log.put(SCORED, new Answer.Score(-1.5, true, 3));
      log.put(ROLLED, new Answer.Rolled(Double.NEGATIVE_INFINITY));
      log.put(SAMPLED, new Answer.Text("x\n\u2028é"));
    }
    try (AnswerLog log = AnswerLog.at(file(), "model A")) {
      assertThat(log.found()).isEqualTo(3);
      assertThat(log.find(SCORED)).contains(new Answer.Score(-1.5, true, 3));
      assertThat(log.find(ROLLED)).contains(new Answer.Rolled(Double.NEGATIVE_INFINITY));
      assertThat(log.find(SAMPLED)).contains(new Answer.Text("x\n\u2028é"));
      assertThat(
              log.find(
                  new Request.Generate(
                      "p", JsonNodeFactory.instance.objectNode().put("temperature", 0.5), 2)))
          .isEmpty();
    }
    try (AnswerLog log = AnswerLog.at(file(), "model B")) {
      assertThat(log.find(SCORED)).isEmpty();
    }
  }

  @Test
  void a_line_that_a_crash_cut_off_is_written_anew() throws IOException {
    try (AnswerLog log = AnswerLog.at(file(), "m")) {
      log.put(SCORED, new Answer.Score(-1, false, 1));
    }
    Files.writeString(file(), "{\"key\": \"ab", StandardOpenOption.APPEND);
    try (AnswerLog log = AnswerLog.at(file(), "m")) {
      assertThat(log.found()).isEqualTo(1);
      log.put(ROLLED, new Answer.Rolled(-2));
    }
    try (AnswerLog log = AnswerLog.at(file(), "m")) {
      assertThat(log.find(SCORED)).isPresent();
      assertThat(log.find(ROLLED)).contains(new Answer.Rolled(-2));
    }
  }

  @Test
  void what_isnt_a_log_is_left_alone() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "notes\n");
    assertThatThrownBy(() -> AnswerLog.at(file(), "m"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("answers.jsonl:1");
    assertThat(file()).hasContent("notes\n");
  }
}
