package dev.gamelan.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A plain text: one document, or several between separator lines. */
final class TextReading implements Reading {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Resource resource;
  private final CorpusOptions options;
  private final SkipCounter skips;
  private final InputStream in;
  private final Optional<Pieces> pieces;
  private int documents;
  private boolean ended;
  private boolean reported;

  TextReading(Resource resource, CorpusOptions options, SkipCounter skips) throws IOException {
    this.resource = resource;
    this.options = options;
    this.skips = skips;
    this.in = resource.content();
    this.pieces =
        options
            .separator()
            .map(line -> new Pieces(in, line, options.maximalDocumentBytes(), resource.place()));
  }

  @Override
  public Optional<Document> next() throws IOException {
    while (!ended) {
      Optional<Document> document = pieces.isPresent() ? piece(pieces.get()) : whole();
      if (document.isPresent()) {
        documents++;
        return document;
      }
    }
    return Optional.empty();
  }

  private Optional<Document> whole() throws IOException {
    ended = true;
    long limit = options.maximalDocumentBytes();
    byte[] bytes = in.readNBytes(Math.toIntExact(limit + 1));
    if (bytes.length > limit) {
      throw Reading.tooLong(resource.place(), limit);
    }
    Optional<Document> document = document(bytes, bytes.length, 0, resource.name());
    if (document.isEmpty()) {
      reportNothing();
    }
    return document;
  }

  private Optional<Document> piece(Pieces all) throws IOException {
    if (!all.advance()) {
      ended = true;
      if (documents == 0) {
        reportNothing();
      }
      return Optional.empty();
    }
    return document(
        all.bytes(), all.length(), all.offset(), resource.name() + "#" + (documents + 1));
  }

  private void reportNothing() {
    if (reported) {
      return;
    }
    if (resource.given()) {
      throw new DataException(
          "corpus: %s is empty (no text in it); give a file with text or leave it out"
              .formatted(resource.place()));
    }
    skips.add(Skipped.Reason.EMPTY, resource.name());
  }

  private Optional<Document> document(byte[] bytes, int length, long offset, String id) {
    int from = offset == 0 && marked(bytes, length) ? BYTE_ORDER_MARK.length : 0;
    return switch (Utf8.decode(bytes, from, length - from)) {
      case Utf8.Decoded.Text(String text) when text.isBlank() -> Optional.empty();
      case Utf8.Decoded.Text(String text) ->
          Optional.of(
              new Document(
                  id,
                  text,
                  options.source().orElse(resource.source()),
                  options.licence(),
                  Map.of()));
      case Utf8.Decoded.Bad(long at, String what) -> {
        ended = true;
        reportBad(bytes, length, offset + from + at, what);
        yield Optional.empty();
      }
    };
  }

  private void reportBad(byte[] bytes, int length, long at, String what) {
    if (!resource.given() && documents == 0) {
      skips.add(Skipped.Reason.BINARY, resource.name());
      reported = true;
      return;
    }
    boolean utf16 =
        length >= 2 && (bytes[0] == -1 && bytes[1] == -2 || bytes[0] == -2 && bytes[1] == -1);
    throw new DataException(
        "corpus: %s is not UTF-8 text: byte offset %,d holds %s; %s"
            .formatted(
                resource.place(),
                at,
                what,
                utf16
                    ? "it begins like UTF-16: convert it with iconv -f UTF-16 -t UTF-8"
                    : "leave it out, or convert it to UTF-8 (iconv -f ENCODING -t UTF-8)"));
  }

  private static boolean marked(byte[] bytes, int length) {
    return length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
