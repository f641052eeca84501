package dev.gamelan.kernels.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that runs numbered tasks, the calling thread among them.
 *
 * <p>Threads are started once, are daemons, spin for some tens of microseconds after their last
 * task and then park. A run allocates nothing. Tasks are handed out in rising order; which worker
 * gets which task is not determined, so a task's result must not depend on its worker. A worker
 * that the system does not schedule holds nobody up: the others take its share.
 *
 * <p>Safe for use from several threads; their runs take turns.
 */
public final class Workers implements AutoCloseable {
  /** The work of a run. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does one task.
     *
     * @param task 0 ≤ task &lt; tasks
     * @param worker 0 ≤ worker &lt; threads; no two tasks run at once with the same worker, so it
     *     can index scratch memory
     */
    void run(int task, int worker);
  }

  /** The most tasks of one run. */
  public static final int MAX_TASKS = (1 << 24) - 1;

  private static final int LEFT_BITS = 24;
  private static final long SPIN_NANOS = 50_000;
  private static final long CLOSED = -1;

  /** (number of the run) << 24 | tasks not yet handed out; or {@link #CLOSED}. */
  private final AtomicLong state = new AtomicLong();

  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final ReentrantLock running = new ReentrantLock();
  private final Helper[] helpers;

  // Written before a run is published in `state`, unchanged until its last task is finished.
  private Task body;
  private int tasks;
  private volatile Thread waiter;

  /**
   * Starts the team.
   *
   * @param threads the size of the team with the caller, at least 1
   */
  public Workers(int threads) {
    if (threads < 1 || threads > 4096) {
      throw new IllegalArgumentException(
          "Workers: threads is " + threads + ", but must be between 1 and 4096");
    }
    helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper(i + 1);
    }
    for (Helper helper : helpers) {
      helper.start();
    }
  }

  /** The size of the team, the caller included. */
  public int threads() {
    return helpers.length + 1;
  }

  /** Whether the current thread is in the middle of a task of this team. */
  boolean insideTask() {
    return running.isHeldByCurrentThread() || nested() != null;
  }

  /**
   * Runs {@code body} for every task from 0 to {@code count - 1} and returns when all are finished.
   *
   * <p>Called from inside a task, it runs all of them in turn on the same worker. If a task throws,
   * tasks not yet begun are left out, the first exception is thrown here, and the team stays
   * usable.
   *
   * @param count 0 to {@link #MAX_TASKS}
   * @param body what to do
   * @throws IllegalStateException if the team is closed
   */
  public void run(int count, Task body) {
    if (count < 0 || count > MAX_TASKS) {
      throw new IllegalArgumentException(
          "Workers.run: " + count + " tasks, but must be between 0 and " + MAX_TASKS);
    }
    Helper nested = nested();
    if (nested != null) {
      inline(count, body, nested.worker);
      return;
    }
    if (running.isHeldByCurrentThread()) {
      inline(count, body, 0);
      return;
    }
    running.lock();
    try {
      if (state.get() == CLOSED) {
        throw new IllegalStateException("Workers.run: the team is closed");
      }
      if (helpers.length == 0 || count <= 1) {
        inline(count, body, 0);
      } else {
        shared(count, body);
      }
    } finally {
      running.unlock();
    }
  }

  private Helper nested() {
    return Thread.currentThread() instanceof Helper helper && helper.team() == this ? helper : null;
  }

  private static void inline(int count, Task body, int worker) {
    for (int task = 0; task < count; task++) {
      body.run(task, worker);
    }
  }

  private void shared(int count, Task work) {
    body = work;
    tasks = count;
    unfinished.set(count);
    long run = (state.get() >>> LEFT_BITS) + 1;
    state.set(run << LEFT_BITS | count);
    for (int i = 0; i < helpers.length && i < count - 1; i++) {
      helpers[i].wake();
    }
    takePart(0);
    awaitOthers();
    body = null;
    Throwable thrown = failure.get();
    if (thrown != null) {
      failure.set(null);
      switch (thrown) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException("a task failed", thrown);
      }
    }
  }

  /** Takes tasks until none is left. */
  private void takePart(int worker) {
    long seen = state.get();
    while (seen != CLOSED && (seen & MAX_TASKS) != 0) {
      // The fields are read between two sights of the same state, hence belong to that run.
      Task work = body;
      int total = tasks;
      if (state.compareAndSet(seen, seen - 1)) {
        perform(work, total - (int) (seen & MAX_TASKS), worker);
      }
      seen = state.get();
    }
  }

  private void perform(Task work, int task, int worker) {
    try {
      if (failure.getPlain() == null) {
        work.run(task, worker);
      }
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
    if (unfinished.decrementAndGet() == 0) {
      Thread waiting = waiter;
      if (waiting != null) {
        LockSupport.unpark(waiting);
      }
    }
  }

  private void awaitOthers() {
    if (spinUntilFinished()) {
      return;
    }
    boolean interrupted = false;
    waiter = Thread.currentThread();
    while (unfinished.get() != 0) {
      LockSupport.park(this);
      // Parking returns at once while the flag is up; the caller gets it back below.
      interrupted |= Thread.interrupted();
    }
    waiter = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean spinUntilFinished() {
    long until = 0;
    for (int i = 0; unfinished.get() != 0; i++) {
      Thread.onSpinWait();
      if ((i & 63) == 63) {
        long now = System.nanoTime();
        if (until == 0) {
          until = now + SPIN_NANOS;
        } else if (now > until) {
          return false;
        }
      }
    }
    return true;
  }

  /** Ends the team's threads, after the run in progress if there is one. */
  @Override
  public void close() {
    if (insideTask()) {
      throw new IllegalStateException("Workers.close: called from inside a task");
    }
    running.lock();
    try {
      state.set(CLOSED);
      for (Helper helper : helpers) {
        LockSupport.unpark(helper);
      }
    } finally {
      running.unlock();
    }
  }

  private final class Helper extends Thread {
    private final int worker;
    private volatile boolean parked;

    Helper(int worker) {
      super("gamelan-worker-" + worker);
      this.worker = worker;
      setDaemon(true);
    }

    Workers team() {
      return Workers.this;
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      long seen = state.get();
      while (seen != CLOSED) {
        takePart(worker);
        seen = awaitTasks();
      }
    }

    private long awaitTasks() {
      long until = System.nanoTime() + SPIN_NANOS;
      for (int i = 0; ; i++) {
        long seen = state.get();
        if (seen == CLOSED || (seen & MAX_TASKS) != 0) {
          return seen;
        }
        Thread.onSpinWait();
        if ((i & 63) == 63 && System.nanoTime() > until) {
          park();
          until = System.nanoTime() + SPIN_NANOS;
        }
      }
    }

    private void park() {
      parked = true;
      long seen = state.get();
      if (seen != CLOSED && (seen & MAX_TASKS) == 0) {
        LockSupport.park(Workers.this);
        Thread.interrupted();
      }
      parked = false;
    }
  }
}
