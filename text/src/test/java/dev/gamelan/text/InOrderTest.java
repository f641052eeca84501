package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.SampleTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InOrderTest {
  /** Numbers as texts, up to an end; ready unless the number says otherwise. */
  private static InOrder.Source<String, IOException> numbers(AtomicInteger read, int end) {
    return new InOrder.Source<>() {
      @Override
      public Optional<String> next() throws IOException {
        if (read.get() == end && end % 10 == 7) {
          throw new IOException("torn after " + end);
        }
        return read.get() == end
            ? Optional.empty()
            : Optional.of(Integer.toString(read.getAndIncrement()));
      }

      @Override
      public boolean ready() {
        return read.get() % 5_000 != 0;
      }
    };
  }

  private static int square(String text) {
    int n = Integer.parseInt(text);
    if (n == 12_345) {
      throw new IllegalStateException("no " + n);
    }
    return n * n;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void results_come_in_the_order_of_the_texts(int threads) throws IOException {
    AtomicInteger read = new AtomicInteger();
    List<Integer> results = new ArrayList<>();
    List<Integer> pauses = new ArrayList<>();
    new InOrder<>(threads, String::length, InOrderTest::square)
        .run(
            numbers(read, 12_000),
            new InOrder.Sink<Integer, IOException>() {
              @Override
              public boolean take(Integer result) {
                assertThat(result).isEqualTo(results.size() * results.size());
                assertThat(read.get() - results.size()).isLessThan((3 * threads + 2) * 1024);
                return results.add(result);
              }

              @Override
              public void pause() {
                pauses.add(results.size());
              }
            });
    assertThat(results).hasSize(12_000);
    // Who waits for an answer has had all of them.
    assertThat(pauses).contains(5_000, 10_000, 12_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void a_failure_comes_after_all_results_before_it(int threads) {
    List<Integer> results = new ArrayList<>();
    InOrder<String, Integer> work = new InOrder<>(threads, String::length, InOrderTest::square);
    assertThatThrownBy(() -> work.run(numbers(new AtomicInteger(), 20_000), results::add))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no 12345");
    assertThat(results).hasSize(12_345);
    results.clear();
    assertThatThrownBy(() -> work.run(numbers(new AtomicInteger(), 3_777), results::add))
        .isInstanceOf(IOException.class)
        .hasMessage("torn after 3777");
    assertThat(results).hasSize(3_777);
    assertThatThrownBy(() -> new InOrder<>(0, String::length, InOrderTest::square))
        .hasMessageContaining("threads: 0");
  }

  @Test
  void nothing_is_read_for_who_wants_no_more() throws IOException {
    AtomicInteger read = new AtomicInteger();
    List<Integer> results = new ArrayList<>();
    new InOrder<>(2, String::length, InOrderTest::square)
        .run(numbers(read, Integer.MAX_VALUE), r -> results.add(r) && results.size() < 100);
    assertThat(results).hasSize(100);
    assertThat(read.get()).isLessThan(10_000);
  }

  @Test
  void many_threads_encode_as_one_does() throws Exception {
    Tokenizer t = new BpeTrainer(BpeTrainingOptions.of(600)).train(SampleTexts.lines(300));
    List<String> texts = SampleTexts.lines(5_000);
    List<int[]> all = new ArrayList<>();
    t.encodeAll(texts.iterator(), Special.PARSE, 4, all::add);
    assertThat(all).hasSameSizeAs(texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(all.get(i)).isEqualTo(t.encode(texts.get(i), Special.PARSE));
    }
  }
}
