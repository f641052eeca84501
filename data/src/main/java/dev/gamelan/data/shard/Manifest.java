package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code manifest.json} says of a token dataset. Two datasets with one fingerprint hold the
 * same tokens, documents and settings.
 *
 * @param format always {@value #FORMAT}
 * @param version of the format, {@value #VERSION}
 * @param dtype {@code uint16} or {@code uint32}, little-endian
 * @param vocabularySize every token is below it
 * @param tokenizer SHA-256 of the tokenizer, see {@link TokenizerFingerprint}
 * @param separator the id at the end of every document
 * @param tokens in all shards, separators included
 * @param documents in all shards
 * @param bytes of all texts in UTF-8
 * @param shards in order
 * @param index the fixed-width file of document offsets
 * @param names the file of ids, sources and licences
 * @param sources totals by source and licence, in order of appearance; past {@value
 *     #MAXIMAL_SOURCES} the rest is summed under {@code *}
 * @param settings what the caller recorded
 * @param fingerprint SHA-256, hexadecimal, over everything above
 */
public record Manifest(
    String format,
    int version,
    String dtype,
    int vocabularySize,
    String tokenizer,
    int separator,
    long tokens,
    long documents,
    long bytes,
    List<Shard> shards,
    StoredFile index,
    StoredFile names,
    List<SourceTotal> sources,
    Map<String, String> settings,
    String fingerprint) {
  static final String FILE = "manifest.json";
  static final String FORMAT = "gamelan-token-shards";
  static final int VERSION = 1;
  static final int MAXIMAL_SOURCES = 4096;

  /**
   * A file of the dataset.
   *
   * @param bytes its size
   * @param sha256 of its content, hexadecimal
   */
  public record StoredFile(String file, long bytes, String sha256) {}

  /**
   * A shard.
   *
   * @param tokens it holds
   * @param documents it holds
   */
  public record Shard(StoredFile stored, long tokens, long documents) {}

  /** What one source under one licence contributes. */
  public record SourceTotal(
      String source, Optional<String> licence, long documents, long tokens, long bytes) {}

  public Manifest {
    shards = List.copyOf(shards);
    sources = List.copyOf(sources);
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** Bytes a token takes in a shard. */
  int width() {
    return dtype.equals("uint16") ? 2 : 4;
  }

  /** The same with the fingerprint of what it says. */
  Manifest sealed() {
    return new Manifest(
        format,
        version,
        dtype,
        vocabularySize,
        tokenizer,
        separator,
        tokens,
        documents,
        bytes,
        shards,
        index,
        names,
        sources,
        settings,
        computedFingerprint());
  }

  private String computedFingerprint() {
    Digest digest = new Digest();
    digest.field(format).field(version).field(dtype).field(vocabularySize).field(tokenizer);
    digest.field(separator).field(tokens).field(documents).field(bytes);
    shards.forEach(s -> digest.field(s.stored().sha256()).field(s.tokens()).field(s.documents()));
    digest.field(index.sha256()).field(names.sha256());
    settings.forEach((name, value) -> digest.field(name).field(value));
    return digest.hex();
  }

  byte[] json() {
    String text =
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(this);
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Reads and checks the manifest of a folder. */
  static Manifest read(Path folder) {
    Path file = folder.resolve(FILE);
    Manifest manifest;
    try {
      manifest =
          JsonMapper.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
              .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
              .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
              .build()
              .readValue(Files.readAllBytes(file), Manifest.class);
    } catch (NoSuchFileException e) {
      throw new DataException(
          ("token dataset: %s has no %s, so it is no dataset or its preparation did not finish;"
                  + " prepare it again")
              .formatted(folder, FILE),
          e);
    } catch (IOException e) {
      throw new DataException(
          "token dataset: cannot read %s: %s; check the path and permissions"
              .formatted(file, e.getMessage()),
          e);
    } catch (JacksonException e) {
      throw new DataException(
          "token dataset: %s is damaged: %s; prepare the dataset again"
              .formatted(file, e.getOriginalMessage()),
          e);
    }
    manifest.check(file);
    return manifest;
  }

  private void check(Path file) {
    if (!format.equals(FORMAT) || version != VERSION) {
      throw new DataException(
          "token dataset: %s is of format %s %d, this program reads %s %d; prepare it again"
              .formatted(file, format, version, FORMAT, VERSION));
    }
    if (!fingerprint.equals(computedFingerprint())) {
      throw new DataException(
          ("token dataset: %s was changed: its fingerprint is %s but its content gives %s;"
                  + " prepare the dataset again")
              .formatted(file, fingerprint, computedFingerprint()));
    }
    boolean known = dtype.equals("uint16") || dtype.equals("uint32");
    boolean sums =
        shards.stream().mapToLong(Shard::tokens).sum() == tokens
            && shards.stream().mapToLong(Shard::documents).sum() == documents
            && shards.stream().allMatch(s -> s.stored().bytes() == s.tokens() * width())
            && index.bytes() == documents * DocumentIndex.RECORD;
    if (!known || !sums || tokens < 1) {
      throw new DataException(
          ("token dataset: %s contradicts itself (dtype %s, %d tokens, %d documents);"
                  + " prepare the dataset again")
              .formatted(file, dtype, tokens, documents));
    }
  }
}
