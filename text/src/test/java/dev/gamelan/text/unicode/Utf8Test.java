package dev.gamelan.text.unicode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
  // Unicode 16, tables 3-8 to 3-11, and truncated characters at the end.
  @ParameterizedTest
  @CsvSource({
    "C0AFE080BFF0818241, ????????A",
    "EDA080EDBFBFEDAF41, ????????A",
    "F4919293FF4180BF42, ?????A??B",
    "E180E2F09192F1BF41, ????A",
    "E1, ?",
    "F09F98, ?",
    "F09F, ?",
    "F0, ?",
    "E28041, ?A",
    "41C3, A?",
    "C3A9, é",
    "F09F988A, 😊",
    "F4908080, ????",
    "EFBFBD, ?"
  })
  void malformed_bytes_become_one_replacement_for_each_maximal_subpart(String hex, String text) {
    assertThat(Utf8.decode(HexFormat.of().parseHex(hex))).isEqualTo(text.replace('?', '\uFFFD'));
  }

  @Test
  void every_code_point_is_encoded_as_the_jdk_does_and_comes_back() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 37) {
      if (c >= 0xD800 && c <= 0xDFFF) {
        continue;
      }
      String text = "a" + Character.toString(c);
      byte[] bytes = Utf8.encode(text);
      assertThat(bytes).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
      assertThat(Utf8.codePoint(bytes, 1)).isEqualTo(c);
      assertThat(Utf8.length(bytes[1])).isEqualTo(bytes.length - 1);
      assertThat(Utf8.sequence(bytes, 1, bytes.length)).isEqualTo(bytes.length - 1);
      assertThat(Utf8.before(bytes, bytes.length)).isEqualTo(1);
      assertThat(Categories.at(bytes, 1)).isEqualTo(Categories.of(c));
    }
  }
}
