package dev.gamelan.tensor.spi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds the backends on the class path and chooses one. */
public final class Backends {
  private Backends() {}

  /**
   * A backend and what it said of this machine.
   *
   * @param name as {@code --kernels} knows it
   */
  public record Candidate(String name, Availability availability) {}

  /**
   * Which backend serves, and why the others don't.
   *
   * @param name the chosen one
   * @param why a line a candidate, for the log
   */
  public record Choice(String name, List<String> why) {
    public Choice {
      why = List.copyOf(why);
    }
  }

  /**
   * Chooses among the candidates: the named one, or the usable one of highest preference that
   * offers the mode. A pure function of its arguments.
   *
   * @throws IllegalArgumentException if the named one is unknown or not usable, or none is
   */
  public static Choice choose(
      List<Candidate> candidates, Optional<String> named, ComputeMode mode) {
    List<String> why = new ArrayList<>();
    Optional<Candidate> best = Optional.empty();
    int preference = Integer.MIN_VALUE;
    for (Candidate candidate : candidates) {
      boolean wanted = named.map(candidate.name()::equals).orElse(true);
      switch (candidate.availability()) {
        case Availability.Unusable(String reason) ->
            why.add(candidate.name() + ": not usable: " + reason);
        case Availability.Usable(Capabilities c) -> {
          if (!c.modes().contains(mode)) {
            why.add(candidate.name() + ": usable (" + c.hardware() + "), but not in mode " + mode);
          } else {
            why.add(candidate.name() + ": usable (" + c.hardware() + ")");
            if (wanted && c.preference() > preference) {
              best = Optional.of(candidate);
              preference = c.preference();
            }
          }
        }
      }
    }
    return best.map(c -> new Choice(c.name(), why))
        .orElseThrow(() -> new IllegalArgumentException(refusal(candidates, named, mode, why)));
  }

  private static String refusal(
      List<Candidate> candidates, Optional<String> named, ComputeMode mode, List<String> why) {
    if (candidates.isEmpty()) {
      return "kernels: there is no backend on the class path; add one, such as"
          + " dev.gamelan:gamelan-kernels-vector";
    }
    String standing = String.join("; ", why);
    if (named.isEmpty()) {
      return "kernels: no backend offers mode %s here; %s".formatted(mode, standing);
    }
    boolean known = candidates.stream().anyMatch(c -> c.name().equals(named.get()));
    return known
        ? "kernels: '%s' cannot be had in mode %s here; %s".formatted(named.get(), mode, standing)
        : "kernels: there is no backend '%s'; %s".formatted(named.get(), standing);
  }

  /** Every backend on the class path with what it says of this machine, best first. */
  public static List<Candidate> probe() {
    return bestFirst(providers().stream().map(p -> new Candidate(p.name(), p.probe())).toList());
  }

  /** By falling preference; those that are not usable last; equals by name. */
  static List<Candidate> bestFirst(List<Candidate> candidates) {
    return candidates.stream()
        .sorted(Comparator.comparingLong(Backends::rank).reversed().thenComparing(Candidate::name))
        .toList();
  }

  private static long rank(Candidate candidate) {
    return switch (candidate.availability()) {
      case Availability.Usable(Capabilities c) -> c.preference();
      case Availability.Unusable _ -> Long.MIN_VALUE;
    };
  }

  /**
   * Opens the chosen backend and logs the choice with its reasons.
   *
   * @param named the backend's name, or empty for the best
   */
  public static Kernels open(Optional<String> named, int threads, ComputeMode mode) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "kernels: threads is " + threads + "; at least 1 is needed");
    }
    List<KernelProvider> providers = providers();
    Choice choice =
        choose(
            bestFirst(providers.stream().map(p -> new Candidate(p.name(), p.probe())).toList()),
            named,
            mode);
    System.getLogger(Backends.class.getName())
        .log(
            System.Logger.Level.DEBUG,
            () ->
                "kernels: chose %s for mode %s, %d threads; %s"
                    .formatted(choice.name(), mode, threads, String.join("; ", choice.why())));
    return providers.stream()
        .filter(p -> p.name().equals(choice.name()))
        .findFirst()
        .orElseThrow()
        .open(threads, mode);
  }

  private static List<KernelProvider> providers() {
    return ServiceLoader.load(KernelProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(KernelProvider::name))
        .collect(Collectors.toList());
  }
}
