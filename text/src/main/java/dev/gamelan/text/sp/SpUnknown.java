package dev.gamelan.text.sp;

import dev.gamelan.text.bpe.IntList;

/** Characters that are no token: their bytes' tokens, or the unknown one, once for several. */
final class SpUnknown {
  private final int id;
  private final boolean bytesKnown;
  private final int[] byteIds = new int[256];

  SpUnknown(SpModel model) {
    id = model.unknown();
    bytesKnown = model.byteFallback();
    for (int i = 0; bytesKnown && i < model.pieces().size(); i++) {
      if (model.pieces().get(i).kind() == SpModel.Kind.BYTE) {
        byteIds[model.pieces().get(i).value()] = i;
      }
    }
  }

  void add(byte[] text, int from, int to, boolean again, IntList out) {
    if (bytesKnown) {
      for (int i = from; i < to; i++) {
        out.add(byteIds[text[i] & 0xFF]);
      }
    } else if (!again) {
      out.add(id);
    }
  }
}
