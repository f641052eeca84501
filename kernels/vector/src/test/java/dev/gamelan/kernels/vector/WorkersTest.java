package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17})
  void every_task_runs_exactly_once_and_is_finished_when_run_returns(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int round = 0; round < 500; round++) {
        int tasks = round % 40;
        int[] runs = new int[tasks];
        workers.run(tasks, (task, worker) -> runs[task]++);
        assertThat(runs).containsOnly(tasks == 0 ? new int[0] : new int[] {1});
      }
    }
  }

  @Test
  void no_two_tasks_run_at_once_with_one_worker_number() {
    try (Workers workers = new Workers(4)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(4);
      AtomicInteger clashes = new AtomicInteger();
      workers.run(
          2000,
          (task, worker) -> {
            clashes.addAndGet(busy.getAndIncrement(worker));
            Thread.onSpinWait();
            busy.decrementAndGet(worker);
          });
      assertThat(clashes).hasValue(0);
    }
  }

  @Test
  void tasks_of_one_run_overlap_in_time() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      CountDownLatch both = new CountDownLatch(2);
      workers.run(
          2,
          (task, worker) -> {
            both.countDown();
            try {
              both.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(both.getCount()).isZero();
    }
  }

  @Test
  void the_first_exception_reaches_the_caller_and_the_team_stays_usable() {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 100; round++) {
        assertThatThrownBy(
                () ->
                    workers.run(
                        50,
                        (task, worker) -> {
                          if (task == 20) {
                            throw new ArithmeticException("task 20");
                          }
                        }))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("task 20");
        AtomicInteger sum = new AtomicInteger();
        workers.run(10, (task, worker) -> sum.addAndGet(task));
        assertThat(sum).hasValue(45);
      }
    }
  }

  @Test
  void an_error_reaches_the_caller_too() {
    try (Workers workers = new Workers(2)) {
      assertThatThrownBy(
              () ->
                  workers.run(
                      8,
                      (task, worker) -> {
                        throw new StackOverflowError("deep");
                      }))
          .isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void a_run_inside_a_task_runs_in_line_on_the_same_worker() {
    try (Workers workers = new Workers(3)) {
      AtomicInteger inner = new AtomicInteger();
      AtomicInteger moved = new AtomicInteger();
      workers.run(
          30,
          (task, worker) ->
              workers.run(
                  10,
                  (innerTask, innerWorker) -> {
                    inner.incrementAndGet();
                    moved.addAndGet(innerWorker == worker ? 0 : 1);
                  }));
      assertThat(inner).hasValue(300);
      assertThat(moved).hasValue(0);
    }
  }

  @Test
  void runs_of_several_callers_take_turns() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      AtomicInteger sum = new AtomicInteger();
      Thread[] callers = new Thread[4];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            new Thread(
                () -> {
                  for (int round = 0; round < 200; round++) {
                    workers.run(7, (task, worker) -> sum.addAndGet(task));
                  }
                });
        callers[i].start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(sum).hasValue(4 * 200 * 21);
    }
  }

  @Test
  void an_interrupted_caller_gets_its_result_and_keeps_its_flag() {
    try (Workers workers = new Workers(2)) {
      AtomicInteger sum = new AtomicInteger();
      Thread.currentThread().interrupt();
      workers.run(100, (task, worker) -> sum.addAndGet(1));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(sum).hasValue(100);
    }
  }

  @Test
  void a_closed_team_and_impossible_sizes_are_refused() {
    Workers workers = new Workers(2);
    workers.close();
    assertThatThrownBy(() -> workers.run(1, (task, worker) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads is 0");
    assertThatThrownBy(() -> workers.run(-1, (task, worker) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1 tasks");
  }
}
