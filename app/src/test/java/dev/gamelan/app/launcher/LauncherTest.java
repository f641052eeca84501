package dev.gamelan.app.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LauncherTest {
  @TempDir private Path temporary;
  private House house;

  @BeforeEach
  void build_the_house() throws Exception {
    house = new House(temporary);
    house.maven();
    house.jdk("25", "25.0.3");
  }

  @Test
  void every_word_reaches_the_app_unchanged() throws Exception {
    List<String> words = List.of("generate", "--prompt", "a  b", "*", "", "$HOME `id`", "-Dx");
    house.run(words.toArray(String[]::new));
    List<String> java = house.lastJava();
    int main = java.indexOf("dev.gamelan.app.Main");
    assertThat(java.subList(main + 1, java.size())).isEqualTo(words);
    assertThat(java.subList(0, main))
        .contains(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Dgamelan.home=" + house.checkout,
            "-Dgamelan.terminals=");
  }

  @Test
  void the_flags_of_the_jvm_are_those_that_the_tests_run_with() throws Exception {
    String pom = Files.readString(Path.of(System.getProperty("gamelan.home"), "pom.xml"));
    String flags = pom.replaceAll("(?s).*<gamelan.jvm>(.*)</gamelan.jvm>.*", "$1");
    house.run("tour");
    assertThat(house.lastJava()).contains(flags.split(" "));
  }

  @Test
  void gamelan_opts_are_split_at_blanks_and_not_expanded() throws Exception {
    house.environment.put("GAMELAN_OPTS", "-Xmx1g  -Da=*");
    house.run("tour");
    assertThat(house.lastJava()).contains("-Xmx1g", "-Da=*");
  }

  @Test
  void it_may_be_called_through_links_and_from_anywhere() throws Exception {
    Path one =
        Files.createSymbolicLink(temporary.resolve("one"), house.checkout.resolve("gamelan"));
    Files.createDirectories(temporary.resolve("bin"));
    Path two = Files.createSymbolicLink(temporary.resolve("bin/two"), Path.of("../one"));
    for (Path link : List.of(one, two)) {
      House.Outcome run = house.finish(house.start(link, "tour"));
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(house.lastJava()).contains("-Dgamelan.home=" + house.checkout);
    }
    House.script(house.tools.resolve("start"), "cd bin && PATH=$PWD:$PATH && exec two tour");
    assertThat(house.finish(house.start(house.tools.resolve("start"))).out())
        .isEqualTo("ran 25.0.3\n");
    assertThat(house.mavenCalls()).hasSize(1);
  }

  @Test
  void it_builds_once_and_again_when_a_source_changed_appeared_or_went() throws Exception {
    house.run("tour");
    house.run("tour");
    assertThat(house.mavenCalls()).hasSize(1);
    touch(house.source());
    house.run("tour");
    assertThat(house.mavenCalls()).hasSize(2);
    Path module = house.checkout.resolve("kernels/vector/src/main/java");
    Files.createDirectories(module);
    touch(Files.writeString(module.resolve("New.java"), "class New {}"));
    house.run("tour");
    assertThat(house.mavenCalls()).hasSize(3);
    Files.delete(module.resolve("New.java"));
    touch(module);
    house.run("tour");
    assertThat(house.mavenCalls()).hasSize(4);
    touch(house.checkout.resolve("app/pom.xml"));
    house.run("tour");
    assertThat(house.mavenCalls()).hasSize(5);
    try (var builds = Files.list(house.checkout.resolve("target/gamelan"))) {
      assertThat(builds.filter(f -> f.getFileName().toString().startsWith("build-"))).hasSize(1);
    }
  }

  @Test
  void tests_and_formatting_are_left_out_of_the_build() throws Exception {
    House.Outcome run = house.run("tour");
    assertThat(house.mavenCalls().getFirst())
        .contains("mvn in " + house.checkout + " with")
        .endsWith("-B -pl app -am -DskipTests -Dspotless.check.skip=true package");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("gamelan: building");
  }

  @Test
  void without_maven_the_wrapper_is_used() throws Exception {
    Files.delete(house.tools.resolve("mvn"));
    house.maven(house.checkout.resolve("mvnw"), "");
    House.Outcome run = house.run("tour");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(house.mavenCalls().getFirst()).startsWith("mvnw in");
  }

  @Test
  void a_build_that_fails_shows_why_and_is_tried_again() throws Exception {
    house.maven(
        house.tools.resolve("mvn"),
        "echo '[INFO] fine'; echo '[ERROR] Main.java:[3,4] missing ;'; exit 3");
    House.Outcome failed = house.run("tour");
    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err())
        .contains("[ERROR] Main.java:[3,4] missing ;", "the build failed; the whole log is in")
        .doesNotContain("fine");
    assertThat(house.checkout.resolve("target/gamelan/build.log")).content().contains("fine");
    house.maven();
    assertThat(house.run("tour").out()).isEqualTo("ran 25.0.3\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void two_launchers_at_once_build_once(boolean flock) throws Exception {
    if (flock) {
      assumeTrue(House.has("flock"), "flock is not on the PATH");
      house.tool("flock");
    }
    house.maven(house.tools.resolve("mvn"), "sleep 1");
    List<Process> both =
        List.of(
            house.start(house.checkout.resolve("gamelan"), "tour"),
            house.start(house.checkout.resolve("gamelan"), "tour"));
    StringBuilder err = new StringBuilder();
    for (Process process : both) {
      House.Outcome run = house.finish(process);
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo("ran 25.0.3\n");
      err.append(run.err());
    }
    assertThat(house.mavenCalls()).hasSize(1);
    assertThat(err).contains("waiting for another gamelan");
  }

  @Test
  void a_lock_whose_holder_died_is_taken_over() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Path lock = Files.createDirectories(house.checkout.resolve("target/gamelan/lock.d"));
    Files.writeString(lock.resolve("pid"), dead.pid() + "\n");
    assertThat(house.run("tour").out()).isEqualTo("ran 25.0.3\n");
    assertThat(lock).doesNotExist();
  }

  @Test
  void the_cache_of_classes_is_used_and_made_anew_for_another_jdk() throws Exception {
    house.run("tour");
    assertThat(house.lastJava().getFirst()).startsWith("-XX:AOTCache=").endsWith("/vectors.aot");
    house.run("--help");
    assertThat(house.lastJava().getFirst()).startsWith("-XX:AOTCache=").endsWith("/plain.aot");
    house.jdk(house.jdks.resolve("25"), "25.0.4", true);
    Files.delete(temporary.resolve("java.log"));
    assertThat(house.run("tour").out()).isEqualTo("ran 25.0.4\n");
    assertThat(Files.readString(temporary.resolve("java.log"))).contains("-XX:AOTCacheOutput=");
    assertThat(house.lastJava().getFirst()).startsWith("-XX:AOTCache=");
    assertThat(house.mavenCalls()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-V", "completion", "inspect model", "train -h"})
  void what_computes_nothing_starts_without_the_module_that_the_jvm_warns_of(String words)
      throws Exception {
    house.run(words.split(" "));
    assertThat(house.lastJava()).doesNotContain("--add-modules=jdk.incubator.vector");
  }

  private static void touch(Path file) throws Exception {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusMillis(20)));
  }
}
