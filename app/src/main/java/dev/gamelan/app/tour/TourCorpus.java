package dev.gamelan.app.tour;

import dev.gamelan.data.Corpus;
import dev.gamelan.data.CorpusOptions;
import dev.gamelan.data.DocumentSource;
import dev.gamelan.data.JdkSources;
import dev.gamelan.data.Mixture;
import dev.gamelan.data.world.World;
import dev.gamelan.data.world.WorldCorpus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the tour learns from.
 *
 * @param source the documents
 * @param description what they are, for people
 * @param prompts beginnings of texts of that kind, for samples
 */
public record TourCorpus(DocumentSource source, String description, List<String> prompts) {
  private static final double WORLD_SHARE = 0.5;

  /**
   * The corpus of these settings.
   *
   * @param javaHome the JDK whose sources are learnt from, if it has them
   */
  public static TourCorpus of(TourSettings settings, Path javaHome) {
    if (!settings.text().isEmpty()) {
      CorpusOptions options = CorpusOptions.defaults().withShuffle(settings.seed());
      return new TourCorpus(
          Corpus.of(settings.text(), options).limited(settings.corpusBytes()),
          "the texts given: " + settings.text(),
          List.of("The", "In the"));
    }
    DocumentSource world = new WorldCorpus(new World(settings.seed())).documents(Long.MAX_VALUE);
    Optional<Path> archive = JdkSources.find(javaHome);
    List<String> prompts =
        List.of("One morning,", "Question: What is 7 plus 5?\nAnswer:", "public static");
    if (archive.isEmpty()) {
      return new TourCorpus(
          world.limited(settings.corpusBytes()),
          "a small world, invented by seed %d; this JDK ships without its sources (lib/src.zip), which the tour would learn from, too"
              .formatted(settings.seed()),
          prompts.subList(0, 2));
    }
    DocumentSource jdk =
        JdkSources.of(archive.get(), JdkSources.Options.defaults().withShuffle(settings.seed()));
    DocumentSource mixed =
        new Mixture(
            List.of(
                new Mixture.Part(world, WORLD_SHARE, Mixture.AtEnd.LEAVE),
                new Mixture.Part(jdk, 1 - WORLD_SHARE, Mixture.AtEnd.LEAVE)),
            settings.seed());
    return new TourCorpus(
        mixed.limited(settings.corpusBytes()),
        "half a small world, invented by seed %d (stories, facts, arithmetic, questions), half the Java sources and javadoc of %s"
            .formatted(settings.seed(), archive.get()),
        prompts);
  }
}
