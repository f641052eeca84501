package dev.gamelan.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Work on a stream of texts by many threads, with results in the order of the texts, the same as
 * one thread gives. Memory is bounded: of the stream no more than {@value #BATCHES_A_THREAD}
 * batches a thread, each of {@value #BATCH_SIZE} characters (or bytes) or {@value #BATCH_TEXTS}
 * texts, are read ahead of what is taken.
 *
 * @param <T> a text
 * @param <R> what becomes of it
 */
public final class InOrder<T, R> {
  private static final int BATCH_SIZE = 1 << 17;
  private static final int BATCH_TEXTS = 1 << 10;
  private static final int BATCHES_A_THREAD = 3;

  /** Where texts come from. */
  public interface Source<T, E extends Exception> {
    /** The next text; none at the end. */
    Optional<T> next() throws E;

    /**
     * Whether {@link #next} gives an answer without waiting for somebody. Where it doesn't, what is
     * under way is finished and taken first, so that who asks and waits for an answer gets it.
     */
    boolean ready() throws E;
  }

  /** Who takes the results, in the caller's thread. */
  public interface Sink<R, E extends Exception> {
    /** Takes a result; false if no more are wanted. */
    boolean take(R result) throws E;

    /** All results so far are taken, and the source isn't ready or is at its end. */
    default void pause() throws E {}
  }

  /** What a batch gave, and why it went no further, if it didn't. */
  private record Done<R>(List<R> results, Optional<RuntimeException> failure) {}

  private final ToIntFunction<T> size;
  private final Function<T, R> work;
  private final int threads;

  /**
   * Work to do.
   *
   * @param threads how many do it, at least 1
   * @param size the length of a text
   * @param work what is done with each text; called by many threads at once
   * @throws IllegalArgumentException if there are fewer threads
   */
  public InOrder(int threads, ToIntFunction<T> size, Function<T, R> work) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + "; there must be 1 at least");
    }
    this.size = size;
    this.work = work;
    this.threads = threads;
  }

  /**
   * Does the work on all texts of {@code source}. A failure of the work is thrown after all results
   * before it are taken, as if one thread had come so far; so is one of the source.
   */
  public <E extends Exception> void run(Source<T, E> source, Sink<R, E> sink) throws E {
    ExecutorService workers =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
    try {
      ArrayDeque<Future<Done<R>>> underWay = new ArrayDeque<>();
      boolean wanted = true;
      boolean more = true;
      while (wanted && more) {
        List<T> batch = new ArrayList<>();
        Optional<Exception> broken = Optional.empty();
        try {
          more = read(source, batch);
        } catch (Exception e) {
          broken = Optional.of(e);
          more = false;
        }
        if (!batch.isEmpty()) {
          underWay.add(workers.submit(() -> done(batch)));
        }
        int most = more && source.ready() ? BATCHES_A_THREAD * threads : 0;
        while (wanted && underWay.size() > most) {
          wanted = deliver(underWay.remove(), sink);
        }
        if (wanted && most == 0) {
          sink.pause();
        }
        if (wanted && broken.isPresent()) {
          throw InOrder.<E>same(broken.get());
        }
      }
    } finally {
      workers.shutdownNow();
    }
  }

  // It is an E or unchecked: nothing else is thrown where it was caught.
  @SuppressWarnings("unchecked")
  private static <E extends Exception> E same(Exception e) {
    if (e instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    return (E) e;
  }

  // False at the end. What was read before an exception is in the batch.
  private <E extends Exception> boolean read(Source<T, E> source, List<T> batch) throws E {
    long length = 0;
    do {
      Optional<T> text = source.next();
      if (text.isEmpty()) {
        return false;
      }
      batch.add(text.get());
      length += size.applyAsInt(text.get());
    } while (length < BATCH_SIZE && batch.size() < BATCH_TEXTS && source.ready());
    return true;
  }

  private Done<R> done(List<T> batch) {
    List<R> results = new ArrayList<>(batch.size());
    for (T text : batch) {
      try {
        results.add(work.apply(text));
      } catch (RuntimeException e) {
        return new Done<>(results, Optional.of(e));
      }
    }
    return new Done<>(results, Optional.empty());
  }

  private <E extends Exception> boolean deliver(Future<Done<R>> future, Sink<R, E> sink) throws E {
    Done<R> done = result(future);
    for (R result : done.results()) {
      if (!sink.take(result)) {
        return false;
      }
    }
    if (done.failure().isPresent()) {
      throw done.failure().get();
    }
    return true;
  }

  private Done<R> result(Future<Done<R>> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while texts were under way", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
