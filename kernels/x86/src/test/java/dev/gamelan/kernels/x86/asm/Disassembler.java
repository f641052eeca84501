package dev.gamelan.kernels.x86.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What binutils' objdump makes of machine code. */
public final class Disassembler {
  private static final Path OBJDUMP = Path.of("/usr/bin/objdump");

  private Disassembler() {}

  /** Skips the test, naming what is missing, where there is no objdump. */
  public static void assumeThere() {
    assumeTrue(Files.isExecutable(OBJDUMP), "needs objdump (binutils) at " + OBJDUMP);
  }

  /** The code disassembles to what the assembler says it wrote, instruction for instruction. */
  public static void agrees(Assembler assembler) throws Exception {
    List<String> theirs = disassemble(assembler.toBytes());
    List<String> ours = assembler.listing();
    assertThat(theirs).as(assembler.dump()).containsExactlyElementsOf(ours);
  }

  static List<String> disassemble(byte[] code) throws IOException, InterruptedException {
    Path file = Files.createTempFile("kernel", ".bin");
    try {
      Files.write(file, code);
      Process process =
          new ProcessBuilder(
                  OBJDUMP.toString(),
                  "-D",
                  "-b",
                  "binary",
                  "-m",
                  "i386:x86-64",
                  "-M",
                  "intel",
                  "--no-show-raw-insn",
                  file.toString())
              .redirectErrorStream(true)
              .start();
      List<String> instructions = new ArrayList<>();
      for (String line : new String(process.getInputStream().readAllBytes()).split("\n")) {
        int tab = line.indexOf(":\t");
        if (tab > 0) {
          // objdump adds comments, and pads the names of instructions.
          String text = line.substring(tab + 2).replaceAll("#.*", "").strip();
          instructions.add(text.replaceAll(" +", " ").replaceAll("\\+0x0\\]", "+0x0]"));
        }
      }
      assertThat(process.waitFor()).isZero();
      return instructions;
    } finally {
      Files.delete(file);
    }
  }
}
