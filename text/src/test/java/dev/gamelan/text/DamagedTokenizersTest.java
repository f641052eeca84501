package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.Tokenizer.Special;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files of every format are refused by name, or read, but nothing else happens. */
class DamagedTokenizersTest {
  @TempDir Path folder;

  @Test
  void a_sentencepiece_model_of_our_own_is_read_and_its_damages_are_refused() throws IOException {
    byte[] model = sentencePiece(2);
    Path file = Files.write(folder.resolve("x.model"), model);
    Tokenizer t = Tokenizers.open(file);
    assertThat(t.encode("ab ab")).containsExactly(6, 6);
    assertThat(t.encode("é?")).containsExactly(3, 0);
    assertThat(t.decode(new int[] {6, 6})).isEqualTo("ab ab");
    assertThat(t.addSpecial(t.encode("ab"))).containsExactly(1, 6);
    assertThat(t.encode("<s>ab", Special.PARSE)).containsExactly(1, 6);
    damage(model, "x.model");
    for (int n = 1; n < model.length; n++) {
      refusedOrRead(Arrays.copyOf(model, n), "x.model");
    }
  }

  @Test
  void a_unigram_takes_the_most_probable_row() throws IOException {
    byte[] model = sentencePiece(1);
    Tokenizer t = Tokenizers.open(Files.write(folder.resolve("x.model"), model));
    assertThat(t.encode("ab")).containsExactly(6);
    assertThat(t.encode("b")).containsExactly(3, 5);
    assertThat(t.addsBos()).isFalse();
    damage(model, "x.model");
  }

  @Test
  void lengths_that_lie_allocate_nothing() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(80).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(0).putLong(1);
    b.putLong(1).put((byte) 'k').putInt(9).putInt(8).putLong(Long.MAX_VALUE);
    Path file = Files.write(folder.resolve("x.gguf"), b.array());
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(InvalidTokenizerException.class)
        .hasMessageContaining("a list of 9223372036854775807 values");
    for (long lie : new long[] {-1, 1L << 40, 4_000_000}) {
      ByteBuffer c = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      c.put("GGUF".getBytes(StandardCharsets.US_ASCII))
          .putInt(3)
          .putLong(0)
          .putLong(1)
          .putLong(lie);
      Path lying = Files.write(folder.resolve("y.gguf"), c.array());
      assertThatThrownBy(() -> Tokenizers.open(lying))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void a_gguf_vocabulary_of_our_own_is_read_and_its_damages_are_refused() throws IOException {
    byte[] gguf = gguf();
    Tokenizer t = Tokenizers.open(Files.write(folder.resolve("x.gguf"), gguf));
    assertThat(t.encode("ab ab")).containsExactly(6, 6);
    assertThat(t.addsBos()).isTrue();
    damage(gguf, "x.gguf");
    for (int n = 1; n < gguf.length; n += 7) {
      refusedOrRead(Arrays.copyOf(gguf, n), "x.gguf");
    }
  }

  @Test
  void ranks_merges_and_tekken_are_refused_where_they_are_damaged() throws IOException {
    StringBuilder ranks = new StringBuilder();
    StringBuilder compact = new StringBuilder("! 0");
    for (int i = 0; i < 256; i++) {
      String base64 = Base64.getEncoder().encodeToString(new byte[] {(byte) i});
      ranks.append(base64).append(' ').append(i).append('\n');
      compact.append(' ').append(base64);
    }
    compact
        .append(' ')
        .append(Base64.getEncoder().encodeToString("ab".getBytes(StandardCharsets.US_ASCII)));
    Path file = Files.writeString(folder.resolve("x.tiktoken"), ranks);
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(InvalidTokenizerException.class)
        .hasMessageContaining("256 ranked tokens");
    Files.writeString(file, ranks + "AA== 7\n");
    assertThatThrownBy(() -> Tokenizers.open(file)).hasMessageContaining("stands there twice");
    Files.writeString(file, ranks + "A!== 700\n");
    assertThatThrownBy(() -> Tokenizers.open(file)).hasMessageContaining("not base64");
    String npm =
        "{\"pat_str\": \"\\\\w+|\\\\W\", \"special_tokens\": {\"<|endoftext|>\": 300}, \"bpe_ranks\": \""
            + compact
            + "\"}";
    Path json = Files.writeString(folder.resolve("x.json"), npm);
    Tokenizer t = Tokenizers.open(json);
    assertThat(t.encode("ab<|endoftext|>", Special.PARSE)).containsExactly(256, 300);
    damage(npm.getBytes(StandardCharsets.UTF_8), "x.json");
    String tekken =
        "{\"config\": {\"pattern\": \"\\\\w+\", \"default_vocab_size\": 277,"
            + " \"default_num_special_tokens\": 20}, \"bpe_ranks\": \""
            + compact
            + "\"}";
    t = Tokenizers.open(Files.writeString(json, tekken));
    assertThat(t.encode("ab</s>", Special.PARSE)).containsExactly(276, 2);
    damage(tekken.getBytes(StandardCharsets.UTF_8), "x.json");
    Path merges = Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b\n");
    assertThatThrownBy(() -> Tokenizers.open(merges)).hasMessageContaining("beside it");
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"ab\": 2}");
    assertThat(Tokenizers.open(merges).encode("ab")).containsExactly(2);
    assertThat(Tokenizers.open(folder.resolve("vocab.json")).encode("ab")).containsExactly(2);
    Files.writeString(merges, "#version: 0.2\na c\n");
    assertThatThrownBy(() -> Tokenizers.open(merges)).hasMessageContaining("line 2: \"a c\"");
  }

  // Bytes changed at places that a seed gives.
  private void damage(byte[] whole, String name) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = whole.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      refusedOrRead(damaged, name);
    }
  }

  private void refusedOrRead(byte[] bytes, String name) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    try {
      Tokenizer t = Tokenizers.open(file);
      for (int id : t.encode("ab é\n <s>", Special.PARSE)) {
        assertThat(id).isBetween(0, t.vocabularySize() - 1);
      }
    } catch (InvalidTokenizerException e) {
      assertThat(e).hasMessageContaining(file.toString());
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private record Piece(String name, float score, int type) {}

  private static List<Piece> pieces() {
    return List.of(
        new Piece("<unk>", 0, 2),
        new Piece("<s>", 0, 3),
        new Piece("</s>", 0, 3),
        new Piece("\u2581", -5, 1),
        new Piece("a", -4, 1),
        new Piece("b", -4.5f, 1),
        new Piece("\u2581ab", -1, 1),
        new Piece("\u2581a", -2, 1));
  }

  private static byte[] sentencePiece(int algorithm) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Piece piece : pieces()) {
      byte[] name = piece.name().getBytes(StandardCharsets.UTF_8);
      ByteBuffer b = ByteBuffer.allocate(name.length + 9).order(ByteOrder.LITTLE_ENDIAN);
      b.put((byte) 0x0A).put((byte) name.length).put(name);
      b.put((byte) 0x15).putFloat(piece.score()).put((byte) 0x18).put((byte) piece.type());
      out.write(0x0A);
      out.write(b.capacity());
      out.writeBytes(b.array());
    }
    out.writeBytes(new byte[] {0x12, 2, 0x18, (byte) algorithm, 0x1A, 2, 0x20, 0});
    return out.toByteArray();
  }

  private static byte[] gguf() {
    ByteBuffer b = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(0).putLong(5);
    text(b, "tokenizer.ggml.model");
    b.putInt(8);
    text(b, "llama");
    text(b, "tokenizer.ggml.tokens");
    b.putInt(9).putInt(8).putLong(pieces().size());
    pieces().forEach(piece -> text(b, piece.name()));
    text(b, "tokenizer.ggml.scores");
    b.putInt(9).putInt(6).putLong(pieces().size());
    pieces().forEach(piece -> b.putFloat(piece.score()));
    text(b, "tokenizer.ggml.token_type");
    b.putInt(9).putInt(5).putLong(pieces().size());
    pieces().forEach(piece -> b.putInt(piece.type()));
    text(b, "tokenizer.ggml.bos_token_id");
    b.putInt(4).putInt(1);
    return Arrays.copyOf(b.array(), b.position());
  }

  private static void text(ByteBuffer b, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    b.putLong(bytes.length).put(bytes);
  }
}
