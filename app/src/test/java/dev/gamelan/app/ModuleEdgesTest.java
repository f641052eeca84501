package dev.gamelan.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The modules of docs/architecture.md depend on each other in one direction only. */
final class ModuleEdgesTest {
  private static final JavaClasses GAMELAN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.gamelan");

  /** From the bottom to the top; bench stands above app and can't be seen from here. */
  private static final List<String> MODULES =
      List.of("tensor", "kernels", "text", "hub", "data", "model", "eval", "train", "app");

  @Test
  void modules_depend_on_those_below_them_only() {
    var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String module : MODULES) {
      layers = layers.optionalLayer(module).definedBy("dev.gamelan." + module + "..");
    }
    layers
        .whereLayer("tensor")
        .mayNotAccessAnyLayer()
        .whereLayer("text")
        .mayNotAccessAnyLayer()
        .whereLayer("hub")
        .mayNotAccessAnyLayer()
        .whereLayer("kernels")
        .mayOnlyAccessLayers("tensor")
        .whereLayer("data")
        .mayOnlyAccessLayers("tensor", "text")
        .whereLayer("model")
        .mayOnlyAccessLayers("tensor", "text")
        .whereLayer("eval")
        .mayOnlyAccessLayers("tensor", "text", "data", "model")
        .whereLayer("train")
        .mayOnlyAccessLayers("tensor", "text", "data", "model", "eval")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .check(GAMELAN);
  }

  @Test
  void every_class_belongs_to_a_module_and_every_module_to_this_test() throws Exception {
    classes()
        .should()
        .resideInAnyPackage(
            MODULES.stream().map(m -> "dev.gamelan." + m + "..").toArray(String[]::new))
        .check(GAMELAN);
    String pom = Files.readString(Path.of(System.getProperty("gamelan.home"), "pom.xml"));
    assertThat(Pattern.compile("<module>([a-z0-9]+)").matcher(pom).results())
        .extracting(match -> match.group(1))
        .containsAll(List.of("tensor", "text", "app"))
        .allSatisfy(module -> assertThat(module).isIn("bench", module(module)));
  }

  @Test
  void packages_form_no_cycles() {
    slices().matching("dev.gamelan.(*)..").should().beFreeOfCycles().check(GAMELAN);
  }

  @Test
  void no_package_is_a_drawer_for_everything() {
    noClasses()
        .should()
        .resideInAnyPackage(
            "..util..", "..utils..", "..common..", "..misc..", "..helper..", "..helpers..")
        .check(GAMELAN);
  }

  @Test
  void nothing_static_can_be_assigned_to() {
    noFields()
        .that()
        .areStatic()
        .should()
        .notBeFinal()
        .because("state that all share can't be tested, nor be two things at once")
        .check(GAMELAN);
  }

  @Test
  void only_the_mains_end_the_jvm() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.gamelan.app.Main")
        .and()
        .doNotHaveFullyQualifiedName("dev.gamelan.app.Rehearsal")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(GAMELAN);
  }

  private static String module(String name) {
    return MODULES.contains(name) ? name : "one of " + MODULES;
  }
}
