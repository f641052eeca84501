package dev.gamelan.app.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The machine a figure was measured on.
 *
 * @param cpu the processor's name as the system gives it
 * @param processors how many the JVM may use
 * @param memoryBytes main memory the JVM may use, in bytes; 0 if unknown
 * @param features the CPU features that decide how fast kernels can be, as the system names them;
 *     empty where it doesn't tell
 * @param system operating system and architecture
 */
public record Machine(
    String cpu, int processors, long memoryBytes, List<String> features, String system) {

  /** What matters to kernels, in the order it is shown: x86, then ARM. */
  private static final Set<String> MATTERING =
      new LinkedHashSet<>(
          List.of(
              "avx2",
              "fma",
              "f16c",
              "avx512f",
              "avx512bw",
              "avx512_vnni",
              "avx512_bf16",
              "avx512_fp16",
              "avx_vnni",
              "amx_tile",
              "amx_bf16",
              "amx_int8",
              "asimd",
              "asimddp",
              "bf16",
              "i8mm",
              "sve",
              "sve2",
              "sme"));

  public Machine {
    features = List.copyOf(features);
  }

  /** This machine. */
  public static Machine here() {
    List<String> lines = cpuinfo();
    Set<String> known =
        new TreeSet<>(
            Arrays.asList(
                value(lines, "flags").or(() -> value(lines, "Features")).orElse("").split(" ")));
    return new Machine(
        value(lines, "model name").orElse(System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        memory(),
        MATTERING.stream().filter(known::contains).toList(),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
  }

  /** The memory that a program could take now without pushing others out, in bytes. */
  public static long availableMemory() {
    Path file = Path.of("/proc/meminfo");
    if (Files.isReadable(file)) {
      try {
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("MemAvailable:")) {
            return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
      } catch (IOException e) {
        // Asked below.
      }
    }
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getFreeMemorySize()
        : Long.MAX_VALUE;
  }

  /** Name, number of processors and features in one line. */
  public String oneLine() {
    return cpu
        + ", "
        + processors
        + (processors == 1 ? " processor" : " processors")
        + (memoryBytes > 0 ? ", " + Figures.bytes(memoryBytes) : "")
        + (features.isEmpty() ? "" : " (" + String.join(" ", features) + ")");
  }

  private static List<String> cpuinfo() {
    Path file = Path.of("/proc/cpuinfo");
    try {
      // A file of the kernel's own making: it has no size, and may hold bytes that are no UTF-8.
      return Files.isReadable(file)
          ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).lines().toList()
          : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key) && line.indexOf(':') > 0)
        .filter(line -> line.substring(0, line.indexOf(':')).strip().equals(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  private static long memory() {
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getTotalMemorySize()
        : 0;
  }
}
