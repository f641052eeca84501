package dev.gamelan.hub;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs tasks side by side; the first that fails ends the others. */
final class Together {
  private Together() {}

  static void run(List<Callable<Void>> tasks) throws IOException, InterruptedException {
    if (tasks.isEmpty()) {
      return;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(threads);
      tasks.forEach(running::submit);
      try {
        for (int i = 0; i < tasks.size(); i++) {
          running.take().get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        switch (e.getCause()) {
          case IOException io -> throw io;
          case InterruptedException interrupted -> throw interrupted;
          case RuntimeException own -> throw own;
          case Error error -> throw error;
          case Throwable other -> throw new IllegalStateException(other);
        }
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
  }
}
