package dev.gamelan.app.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JdkSearchTest {
  @TempDir private Path temporary;
  private House house;

  @BeforeEach
  void build_the_house() throws Exception {
    house = new House(temporary);
    house.maven();
  }

  @Test
  void a_jdk_in_the_usual_folders_is_found_and_older_ones_are_passed_over() throws Exception {
    house.jdk("a-17", "17.0.15");
    house.jdk("b-1.8", "1.8.0_412");
    house.jdk("c-25", "25.0.3");
    House.Outcome run = house.run("tour");
    assertThat(run.err()).doesNotContain("no JDK");
    assertThat(run.out()).isEqualTo("ran 25.0.3\n");
    assertThat(house.mavenCalls().getFirst()).contains("with " + house.jdks.resolve("c-25") + ":");
  }

  @Test
  void an_early_access_jdk_and_a_later_one_will_do() throws Exception {
    house.jdk("later", "26-ea");
    assertThat(house.run("tour").out()).isEqualTo("ran 26-ea\n");
  }

  @Test
  void java_home_comes_before_the_path_and_the_path_before_the_folders() throws Exception {
    Path home = house.jdk(temporary.resolve("home jdk"), "25.1", true);
    Path path = house.jdk(temporary.resolve("path jdk"), "25.2", true);
    house.jdk("folder-jdk", "25.3");
    Files.createSymbolicLink(house.tools.resolve("java"), path.resolve("bin/java"));
    house.environment.put("JAVA_HOME", home.toString());
    assertThat(house.run("tour").out()).isEqualTo("ran 25.1\n");
    house.environment.remove("JAVA_HOME");
    assertThat(house.run("tour").out()).isEqualTo("ran 25.2\n");
    Files.delete(house.tools.resolve("java"));
    assertThat(house.run("tour").out()).isEqualTo("ran 25.3\n");
  }

  @Test
  void an_old_java_home_and_an_old_java_on_the_path_are_passed_over() throws Exception {
    Path old = house.jdk(temporary.resolve("old"), "17.0.1", true);
    house.environment.put("JAVA_HOME", old.toString());
    Files.createSymbolicLink(house.tools.resolve("java"), old.resolve("bin/java"));
    house.jdk("new", "25");
    assertThat(house.run("tour").out()).isEqualTo("ran 25\n");
  }

  @Test
  void gamelan_java_home_is_used_or_refused_but_never_replaced() throws Exception {
    house.jdk("new", "25");
    Path old = house.jdk(temporary.resolve("old"), "21.0.2", true);
    house.environment.put("GAMELAN_JAVA_HOME", old.toString());
    House.Outcome refused = house.run("tour");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            "gamelan: GAMELAN_JAVA_HOME="
                + old
                + " holds Java 21.0.2; point it at a JDK 25 or newer, or unset it.\n");
    house.environment.put("GAMELAN_JAVA_HOME", temporary.resolve("nothing").toString());
    assertThat(house.run("tour").err()).contains("holds no JDK");
    Path chosen = house.jdk(temporary.resolve("chosen"), "25.9", true);
    house.environment.put("GAMELAN_JAVA_HOME", chosen.toString());
    assertThat(house.run("tour").out()).isEqualTo("ran 25.9\n");
  }

  @Test
  void a_runtime_without_compiler_runs_what_is_built_but_does_not_build() throws Exception {
    Path runtime = house.jdk(temporary.resolve("jre"), "25.0.1", false);
    house.environment.put("JAVA_HOME", runtime.toString());
    Path whole = house.jdk("whole", "25.0.2");
    assertThat(house.run("tour").out()).isEqualTo("ran 25.0.2\n");
    assertThat(house.mavenCalls().getFirst()).contains("with " + whole + ":");
    assertThat(house.run("tour").out()).isEqualTo("ran 25.0.1\n");
  }

  @Test
  void a_jdk_without_a_release_file_is_asked_for_its_version() throws Exception {
    Path jdk = house.jdk("plain", "ignored");
    Files.delete(jdk.resolve("release"));
    House.script(
        jdk.resolve("bin/java"),
        "echo 'Picked up JAVA_TOOL_OPTIONS: -Dx' >&2; echo 'openjdk version \"25.0.7\" 2026-01-01' >&2");
    House.Outcome run = house.run("tour");
    assertThat(run.status()).as(run.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "debian, '', 13, apt-get install openjdk-25-jdk-headless",
    "debian, '', 12, https://adoptium.net/temurin/releases/?version=25",
    "ubuntu, debian, 24.04, apt-get install openjdk-25-jdk-headless",
    "ubuntu, debian, 20.04, https://adoptium.net/temurin/releases/?version=25",
    "fedora, '', 43, dnf install java-25-openjdk-devel",
    "rocky, 'rhel centos fedora', 10, dnf install java-25-openjdk-devel",
    "opensuse-leap, 'suse opensuse', 16, zypper install java-25-openjdk-devel",
    "alpine, '', 3.23, apk add openjdk25",
    "arch, '', '', pacman -S jdk-openjdk",
    "manjaro, arch, '', pacman -S jdk-openjdk",
    "nixos, '', 25, https://adoptium.net/temurin/releases/?version=25"
  })
  void without_a_jdk_one_sentence_says_what_to_install_on_this_system(
      String id, String like, String version, String remedy) throws Exception {
    house.jdk("old", "17.0.15");
    Path os = temporary.resolve("os-release");
    Files.writeString(
        os, "ID=%s\nID_LIKE=\"%s\"\nVERSION_ID=\"%s\"\n".formatted(id, like, version));
    house.environment.put("GAMELAN_OS_RELEASE", os.toString());
    House.script(house.tools.resolve("uname"), "echo Linux");
    House.Outcome run = house.run("--help");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("gamelan: no JDK 25 or newer here").contains(remedy);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(house.mavenCalls()).isEmpty();
  }
}
