package dev.gamelan.text.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.sp.SpModel;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCountingTest {
  private static final BpeTrainingOptions OPTIONS = BpeTrainingOptions.of(600).withThreads(2);

  @TempDir Path temporary;

  private DiskCounting disk() {
    return new DiskCounting(temporary.resolve("counts"), 1 << 20, 1, "test");
  }

  // Many different words, so that small tables fill.
  private static List<String> texts() {
    SplittableRandom random = new SplittableRandom(3);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < 2_000; w++) {
        text.append(' ').append(Long.toString(random.nextLong(1 << 24), 26).replaceAll("\\d", "e"));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static HfTokenizer train(Iterator<String> texts, Optional<DiskCounting> disk)
      throws Exception {
    return new BpeTrainer(OPTIONS).train(texts, disk, TrainingProgress.NONE);
  }

  private static byte[] saved(HfTokenizer tokenizer, Path folder) throws Exception {
    tokenizer.save(folder);
    return Files.readAllBytes(folder.resolve("tokenizer.json"));
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(temporary.resolve("counts"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void counts_on_disk_give_the_same_tokenizer_and_leave_nothing_behind() throws Exception {
    byte[] inMemory =
        saved(train(texts().iterator(), Optional.empty()), temporary.resolve("memory"));
    HfTokenizer learnt = train(texts().iterator(), Optional.of(disk()));
    assertThat(files()).contains("counts.json", "run-0", "run-1", "run-2", "run-3");
    assertThat(saved(learnt, temporary.resolve("disk"))).isEqualTo(inMemory);
    disk().delete();
    assertThat(temporary.resolve("counts")).doesNotExist();
  }

  @Test
  void a_unigram_model_is_the_same_as_well() throws Exception {
    PieceTrainingOptions options =
        PieceTrainingOptions.of(SpModel.Algorithm.UNIGRAM, 400).withSeeds(3_000);
    List<String> texts = texts().subList(0, 20);
    PieceTrainer trainer = new PieceTrainer(options);
    SpModel memory = trainer.train(texts.iterator(), Optional.empty(), TrainingProgress.NONE);
    SpModel disk = trainer.train(texts.iterator(), Optional.of(disk()), TrainingProgress.NONE);
    assertThat(disk.pieces()).isEqualTo(memory.pieces());
  }

  @Test
  void interrupted_counting_goes_on_where_it_stopped() throws Exception {
    byte[] whole = saved(train(texts().iterator(), Optional.empty()), temporary.resolve("memory"));
    // The disk fails in the middle of the texts, as a kill would end it.
    int[] read = {0};
    Iterator<String> all = texts().iterator();
    Iterator<String> failing =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public String next() {
            if (++read[0] > 45) {
              throw new UncheckedIOException(new java.io.IOException("gone"));
            }
            return all.next();
          }
        };
    assertThatThrownBy(() -> train(failing, Optional.of(disk()))).hasMessageContaining("gone");
    assertThat(files()).contains("counts.json", "run-0");
    // What a kill in the middle of writing leaves.
    Files.write(temporary.resolve("counts/run-999.tmp"), new byte[7]);
    Files.write(temporary.resolve("counts/run-998"), new byte[7]);
    List<Long> counted = new ArrayList<>();
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void counting(long bytes) {
            counted.add(bytes);
          }

          @Override
          public void merging(int tokens, int wanted) {}
        };
    HfTokenizer learnt =
        new BpeTrainer(OPTIONS).train(texts().iterator(), Optional.of(disk()), progress);
    assertThat(saved(learnt, temporary.resolve("disk"))).isEqualTo(whole);
    assertThat(files()).doesNotContain("run-999.tmp", "run-998");
    assertThat(counted.getFirst()).isPositive();
    // All is counted: the texts are not read again.
    Iterator<String> none = List.<String>of().iterator();
    assertThat(saved(train(none, Optional.of(disk())), temporary.resolve("again")))
        .isEqualTo(whole);
  }

  @Test
  void counts_of_other_texts_or_settings_are_refused() throws Exception {
    Iterator<String> all = texts().iterator();
    Iterator<String> failing =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            return all.next();
          }
        };
    assertThatThrownBy(() -> train(failing, Optional.of(disk()))).isInstanceOf(Exception.class);
    List<String> changed = texts();
    changed.set(0, "another text");
    assertThatThrownBy(() -> train(changed.iterator(), Optional.of(disk())))
        .hasMessageContaining("the first texts given are others")
        .hasMessageContaining("delete it");
    assertThatThrownBy(
            () ->
                new BpeTrainer(OPTIONS.withSingleDigits())
                    .train(texts().iterator(), Optional.of(disk()), TrainingProgress.NONE))
        .hasMessageContaining("other texts or settings");
    Files.writeString(temporary.resolve("counts/counts.json"), "{");
    assertThatThrownBy(() -> train(texts().iterator(), Optional.of(disk())))
        .hasMessageContaining("damaged counts");
  }

  @Test
  void rare_words_are_left_out_on_request() throws Exception {
    DiskCounting some = new DiskCounting(temporary.resolve("counts"), 1 << 20, 3, "test");
    List<String> texts = List.of("rare rare", " often often often often");
    HfTokenizer learnt = train(texts.iterator(), Optional.of(some));
    assertThat(learnt.encode(" often")).hasSize(1);
    assertThat(learnt.encode("rare")).hasSize(4);
  }

  @Test
  void memory_that_is_too_little_is_refused() {
    assertThatThrownBy(() -> new DiskCounting(temporary, 1000, 1, "test"))
        .hasMessageContaining("at least 1048576 bytes");
  }
}
