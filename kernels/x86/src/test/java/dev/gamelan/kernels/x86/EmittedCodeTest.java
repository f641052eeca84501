package dev.gamelan.kernels.x86;

import dev.gamelan.kernels.x86.asm.Disassembler;
import dev.gamelan.tensor.DType;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kernel of every path disassembles to its listing, also where this CPU can't run it. */
class EmittedCodeTest {
  @ParameterizedTest
  @EnumSource(Simd.class)
  void the_panel_product_disassembles_to_its_listing(Simd simd) throws Exception {
    Disassembler.assumeThere();
    Disassembler.agrees(PanelCode.emit(simd));
  }

  @ParameterizedTest
  @EnumSource(Simd.class)
  void compact_kernels_disassemble_to_their_listing(Simd simd) throws Exception {
    Disassembler.assumeThere();
    for (DType dtype : DType.values()) {
      Optional<CompactFormat> format = CompactFormat.of(dtype, simd);
      if (format.isPresent()) {
        for (int rows = 1; rows <= format.get().directRows(); rows++) {
          Disassembler.agrees(DirectCode.emit(simd, format.get(), rows));
        }
        Disassembler.agrees(UnpackCode.emit(simd, format.get()));
      }
    }
  }
}
