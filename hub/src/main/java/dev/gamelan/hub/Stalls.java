package dev.gamelan.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ends bodies that bring nothing any more: the JDK's client would wait for them for ever. */
final class Stalls implements AutoCloseable {
  private final long limit;
  private final Set<Guarded> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("hub-stalls").factory());

  Stalls(Duration limit) {
    this.limit = limit.toNanos();
    long period = Math.max(1, this.limit / 4);
    clock.scheduleAtFixedRate(this::look, period, period, TimeUnit.NANOSECONDS);
  }

  /** The same stream, which fails once nothing came for too long while somebody waited. */
  InputStream guard(InputStream in) {
    Guarded guarded = new Guarded(in);
    watched.add(guarded);
    return guarded;
  }

  private void look() {
    long now = System.nanoTime();
    for (Guarded guarded : watched) {
      if (guarded.waiting && now - guarded.since > limit) {
        guarded.stalled = true;
        try {
          guarded.in().close();
        } catch (IOException e) {
          // Whoever reads hears of it.
        }
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private final class Guarded extends FilterInputStream {
    private volatile boolean waiting;
    private volatile long since;
    private volatile boolean stalled;

    Guarded(InputStream in) {
      super(in);
    }

    InputStream in() {
      return in;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      since = System.nanoTime();
      waiting = true;
      try {
        int n = super.read(bytes, from, count);
        if (stalled) {
          throw new IOException("closed");
        }
        return n;
      } catch (IOException e) {
        if (stalled) {
          throw new HttpTimeoutException(
              "nothing came for " + Duration.ofNanos(limit).toMillis() / 1000.0 + " s");
        }
        throw e;
      } finally {
        waiting = false;
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public void close() throws IOException {
      watched.remove(this);
      super.close();
    }
  }
}
