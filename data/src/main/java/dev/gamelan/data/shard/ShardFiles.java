package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import dev.gamelan.data.Document;
import dev.gamelan.text.Tokenizer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of a dataset while they are written, by one thread, in order. */
final class ShardFiles implements Closeable {
  private record SourceKey(String source, Optional<String> licence) {}

  private static final SourceKey OTHERS = new SourceKey("*", Optional.empty());

  private final Path folder;
  private final Tokenizer tokenizer;
  private final int separator;
  private final ShardOptions options;
  private final boolean narrow;
  private final DocumentIndex.Writer index;
  private final List<Manifest.Shard> shards = new ArrayList<>();
  private final Map<SourceKey, Manifest.SourceTotal> sources = new LinkedHashMap<>();
  private Optional<HashedFile> open = Optional.empty();
  private long shardTokens;
  private long shardDocuments;
  private long tokens;
  private long documents;
  private long bytes;

  ShardFiles(Path folder, Tokenizer tokenizer, int separator, ShardOptions options)
      throws IOException {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.separator = separator;
    this.options = options;
    this.narrow = tokenizer.vocabularySize() <= 1 << 16;
    this.index = new DocumentIndex.Writer(folder);
  }

  /** Appends a document: its tokens and the separator. */
  void add(Document document, int[] ids) throws IOException {
    for (int id : ids) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw new DataException(
            "token shards: the tokenizer gave id %d for document %s; ids must be in [0, %d)"
                .formatted(id, document.id(), tokenizer.vocabularySize()));
      }
    }
    long length = ids.length + 1L;
    if (open.isPresent() && shardTokens + length > options.shardTokens()) {
      finishShard();
    }
    if (open.isEmpty()) {
      String name = "tokens-%05d.%s".formatted(shards.size(), narrow ? "u16" : "u32");
      open = Optional.of(new HashedFile(folder, name));
    }
    write(open.get(), ids);
    write(open.get(), new int[] {separator});
    index.add(tokens, document.id(), document.source(), document.licence());
    long size = document.bytes();
    count(new SourceKey(document.source(), document.licence()), length, size);
    shardTokens += length;
    shardDocuments++;
    tokens += length;
    documents++;
    bytes += size;
  }

  private void write(HashedFile file, int[] ids) throws IOException {
    if (narrow) {
      file.putShorts(ids);
    } else {
      file.putInts(ids);
    }
  }

  private void count(SourceKey key, long length, long size) {
    boolean room = sources.containsKey(key) || sources.size() < Manifest.MAXIMAL_SOURCES;
    SourceKey row = room ? key : OTHERS;
    sources.merge(
        row,
        new Manifest.SourceTotal(row.source(), row.licence(), 1, length, size),
        (a, b) ->
            new Manifest.SourceTotal(
                a.source(),
                a.licence(),
                a.documents() + b.documents(),
                a.tokens() + b.tokens(),
                a.bytes() + b.bytes()));
  }

  private void finishShard() throws IOException {
    shards.add(new Manifest.Shard(open.orElseThrow().finish(), shardTokens, shardDocuments));
    open = Optional.empty();
    shardTokens = 0;
    shardDocuments = 0;
  }

  /** Syncs everything; the manifest itself is the caller's to store. */
  Manifest finish() throws IOException {
    if (open.isPresent()) {
      finishShard();
    }
    return new Manifest(
            Manifest.FORMAT,
            Manifest.VERSION,
            narrow ? "uint16" : "uint32",
            tokenizer.vocabularySize(),
            TokenizerFingerprint.of(tokenizer),
            separator,
            tokens,
            documents,
            bytes,
            shards,
            index.finishIndex(),
            index.finishNames(),
            List.copyOf(sources.values()),
            options.settings(),
            "")
        .sealed();
  }

  long documents() {
    return documents;
  }

  Progress progress(double seconds, boolean done) {
    return new Progress(documents, bytes, tokens, seconds, done);
  }

  @Override
  public void close() throws IOException {
    index.close();
    if (open.isPresent()) {
      open.get().close();
    }
  }
}
