package dev.gamelan.hub;

/** Hears how a pull goes on, from several threads. */
public interface PullListener {
  /** Nobody listens. */
  PullListener NONE = new PullListener() {};

  /**
   * It is known what there is to do.
   *
   * @param files how many files are fetched
   * @param bytes their sizes together
   * @param present bytes of these that an earlier start fetched already
   */
  default void planned(int files, long bytes, long present) {}

  /** So many bytes have come, or (negative) were thrown away. */
  default void advanced(long bytes) {}

  /** Something worth telling that changes nothing, such as waiting for another process. */
  default void said(String note) {}
}
