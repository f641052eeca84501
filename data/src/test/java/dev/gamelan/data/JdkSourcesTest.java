package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdkSourcesTest {
  private static final String HEADER =
      """
      /*
       * Copyright (c) 2026, Somebody. All rights reserved.
       * GNU General Public License version 2 only, "Classpath" exception.
       */

      """;
  private static final String CODE =
      """
      package a;

      /**
       * A <b>thing</b> that holds at most {@code n < 3} items; see {@link java.util.List#get(int) a list}
       * or {@link Map#of()}.
       * <ul>
       *   <li>first &amp; foremost
       *   <li>second
       * </ul>
       * <pre>{@code
       *   int i = 0;
       * }</pre>
       *
       * @param <T> what it
       *     holds
       * @author nobody
       */
      @SuppressWarnings("a(b")
      public final class Thing<T> {
        /** Not "/** a comment", but this is: {@inheritDoc} the size. */
        int size = "/** no comment */".length();

        /// Markdown *prose*
        /// over two lines, with {@code code}.
        @Deprecated
        public int size(int a,
            int b) { return 'x' + "\\"/** none".length(); }
        // plain
        String s = \"""
            /** text block */ ""\";
        /**
         * {@return the <i>sum</i> of both numbers, which is what everybody expects from a method}
         * @throws IllegalStateException if it cannot be helped
         */
        int sum() { return 0; }
      }
      """;

  @TempDir Path home;

  private Path archive(String... namesAndTexts) throws IOException {
    Path zip = home.resolve("lib/src.zip");
    Files.createDirectories(zip.getParent());
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        out.putNextEntry(new ZipEntry(namesAndTexts[i]));
        out.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return JdkSources.find(home).orElseThrow();
  }

  private static List<Document> read(Path zip, JdkSources.Options options) {
    List<Document> all = new ArrayList<>();
    try (DocumentStream documents = JdkSources.of(zip, options).open()) {
      documents.forEachRemaining(all::add);
    }
    return all;
  }

  @Test
  void a_jdk_without_sources_has_none() {
    assertThat(JdkSources.find(home)).isEmpty();
  }

  @Test
  void code_and_prose_are_documents_of_their_own() throws IOException {
    Path zip = archive("m.one/a/Thing.java", HEADER + CODE);
    List<Document> documents = read(zip, JdkSources.Options.defaults());
    assertThat(documents)
        .extracting(Document::source)
        .containsExactly("jdk/m.one/code", "jdk/m.one/javadoc");
    assertThat(documents)
        .extracting(Document::id)
        .containsExactly("m.one/a/Thing.java", "m.one/a/Thing.java#javadoc");
    assertThat(documents)
        .extracting(Document::licence)
        .containsOnly(Optional.of(JdkSources.LICENCE));
    assertThat(documents.getFirst().text()).isEqualTo(CODE);
    assertThat(documents.getLast().text())
        .isEqualTo(
            """
            a.Thing

            public final class Thing<T>
            A thing that holds at most n < 3 items; see a list or Map.of().

            - first & foremost
            - second

            int i = 0;
            Parameter <T>: what it holds

            int size
            Not "/** a comment", but this is: the size.

            public int size(int a, int b)
            Markdown *prose*
            over two lines, with code.

            int sum()
            Returns the sum of both numbers, which is what everybody expects from a method
            Throws IllegalStateException: if it cannot be helped
            """);
  }

  @Test
  void headers_stay_when_asked_for() throws IOException {
    Path zip = archive("m.one/a/Thing.java", HEADER + CODE);
    JdkSources.Options options =
        new JdkSources.Options(Set.of(), true, false, true, OptionalLong.empty());
    assertThat(read(zip, options)).extracting(Document::text).containsExactly(HEADER + CODE);
    assertThatThrownBy(
            () -> new JdkSources.Options(Set.of(), false, false, true, OptionalLong.empty()))
        .hasMessageContaining("at least one");
  }

  @Test
  void the_licence_is_the_one_of_the_header() throws IOException {
    String apache =
        "/*\n * Licensed to the Apache Software Foundation; Apache License, Version 2.0\n */\n";
    String pure = "/*\n * Copyright. GNU General Public License version 2 only.\n */\n";
    Path zip =
        archive(
            "m/A.java",
            apache + "class A {}",
            "m/B.java",
            pure + "class B {}",
            "m/C.java",
            "class C {}");
    assertThat(read(zip, JdkSources.Options.defaults()))
        .extracting(document -> document.licence().orElseThrow())
        .containsExactly("Apache-2.0", "GPL-2.0-only", JdkSources.LICENCE);
  }

  @Test
  void modules_are_chosen_and_tables_left_out() throws IOException {
    Path zip =
        archive(
            "jdk.localedata/T.java",
            "class T {}",
            "m/A.java",
            "class A {}",
            "n/B.java",
            "class B {}");
    assertThat(read(zip, JdkSources.Options.defaults()))
        .extracting(Document::id)
        .containsExactly("m/A.java", "n/B.java");
    assertThat(read(zip, JdkSources.Options.defaults().withModules(Set.of("n", "jdk.localedata"))))
        .extracting(Document::id)
        .containsExactly("jdk.localedata/T.java", "n/B.java");
  }

  @Test
  void a_comment_without_markup_reads_as_one_with_markup() {
    String words = "Gives {@code x}\n\n   or   {@link A#b(int) a label}.\n";
    assertThat(JavadocText.plain(words, false)).isEqualTo("Gives x or a label.");
    assertThat(JavadocText.plain(words + "<!-- -->", false)).isEqualTo("Gives x or a label.");
    assertThat(JavadocText.plain("{@snippet :\n  a();\n  b();\n}", false))
        .isEqualTo("a();\n  b();");
  }

  @Test
  void unfinished_comments_and_strings_do_no_harm() {
    for (String java :
        List.of(
            "/** open",
            "/**",
            "///",
            "\"open",
            "'",
            "\"\"\"x",
            "@A(\"",
            "/** a */ @A(",
            "/** {@code a */")) {
      assertThat(Javadoc.prose("T", java)).doesNotContain("*/");
    }
  }

  @Test
  void the_running_jdk_is_readable_as_code_and_prose() {
    Optional<Path> zip = JdkSources.find(Path.of(System.getProperty("java.home")));
    assumeThat(zip).as("lib/src.zip of the JDK at " + System.getProperty("java.home")).isPresent();
    List<Document> documents =
        read(
            zip.get(),
            JdkSources.Options.defaults().withModules(Set.of("java.net.http", "jdk.httpserver")));
    assertThat(documents).hasSizeGreaterThan(250);
    Document client =
        documents.stream()
            .filter(d -> d.id().equals("java.net.http/java/net/http/HttpClient.java#javadoc"))
            .findFirst()
            .orElseThrow();
    assertThat(client.text())
        .startsWith("java.net.http.HttpClient\n\npublic abstract class HttpClient")
        .contains("An HTTP Client")
        .doesNotContain("{@", "<p>", "\n * ");
    assertThat(documents).noneMatch(d -> d.text().contains("General Public License version 2"));
  }
}
