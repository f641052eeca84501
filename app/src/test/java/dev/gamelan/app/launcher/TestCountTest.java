package dev.gamelan.app.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gamelan test}. */
final class TestCountTest {
  private static final String GOOD =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="dev.A" time="0.1" tests="3" errors="0" skipped="1" failures="0">
        <properties>
          <property name="x" value="&lt;testcase"/>
        </properties>
        <testcase name="one" classname="dev.A" time="0.01">
          <system-out><![CDATA[a test may print
        <testsuite tests="100" failures="5">
        <skipped message="not so"/>
      ]]></system-out>
        </testcase>
        <testcase name="two" classname="dev.A" time="0.01"/>
        <testcase name="needs a browser" classname="dev.A" time="0.01">
          <skipped message="Assumption failed: no &quot;chromium&quot; &amp; co" type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j
        at x]]></skipped>
        </testcase>
      </testsuite>
      """;

  private static final String BAD =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="dev.B" time="0.1" tests="3" errors="1" skipped="0" failures="1">
        <testcase name="one" classname="dev.B" time="0.01">
          <failure message="expected: 1&#10; but was: 2" type="x"><![CDATA[trace]]></failure>
        </testcase>
        <testcase name="two" classname="dev.B" time="0.01">
          <error type="java.lang.NullPointerException">trace</error>
        </testcase>
        <testcase name="three" classname="dev.B" time="0.01"/>
      </testsuite>
      """;

  @TempDir private Path temporary;
  private House house;

  @BeforeEach
  void build_the_house() throws Exception {
    house = new House(temporary);
    house.jdk("25", "25.0.3");
    Files.writeString(temporary.resolve("good.xml"), GOOD);
    Files.writeString(temporary.resolve("bad.xml"), BAD);
  }

  @Test
  void the_whole_suite_runs_and_is_counted() throws Exception {
    house.maven(house.tools.resolve("mvn"), copy("good", "text"));
    House.Outcome run = house.run("test");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .endsWith(
            "skipped: dev.A.needs a browser: Assumption failed: no \"chromium\" & co",
            "2 passed, 0 failed, 1 skipped");
    assertThat(house.mavenCalls().getFirst())
        .contains("with " + house.jdks.resolve("25"))
        .endsWith(": -B -fae verify");
  }

  @Test
  void failures_are_named_summed_over_modules_and_end_with_the_status_of_the_build()
      throws Exception {
    house.maven(
        house.tools.resolve("mvn"),
        copy("good", "text") + copy("bad", "kernels/vector") + "exit 4");
    House.Outcome run = house.run("test");
    assertThat(run.status()).isEqualTo(4);
    assertThat(run.out().lines())
        .contains("failed: dev.B.one: expected: 1  but was: 2", "failed: dev.B.two: ")
        .endsWith("3 passed, 2 failed, 1 skipped");
  }

  @Test
  void reports_of_earlier_runs_do_not_count() throws Exception {
    Path old = house.checkout.resolve("data/target/surefire-reports/TEST-old.xml");
    Files.createDirectories(old.getParent());
    Files.writeString(old, GOOD);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(60)));
    house.maven(house.tools.resolve("mvn"), copy("good", "text"));
    assertThat(house.run("test").out().lines()).endsWith("2 passed, 0 failed, 1 skipped");
  }

  @Test
  void a_build_that_fails_before_any_test_is_no_success() throws Exception {
    house.maven(house.tools.resolve("mvn"), "exit 1");
    House.Outcome run = house.run("test");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out().lines()).endsWith("0 passed, 0 failed, 0 skipped");
    assertThat(run.err()).contains("the build ended with status 1");
  }

  @Test
  void further_words_go_to_maven() throws Exception {
    house.maven();
    house.run("test", "-pl", "text", "-Dx=a b");
    assertThat(house.mavenCalls().getFirst()).endsWith(": -B -fae verify -pl text -Dx=a b");
  }

  private String copy(String report, String module) {
    String folder = module + "/target/surefire-reports";
    return "mkdir -p %1$s && cat '%2$s/%3$s.xml' >%1$s/TEST-%3$s.xml\n"
        .formatted(folder, temporary, report);
  }
}
