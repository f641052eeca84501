package dev.gamelan.data.world;

/**
 * A question with its only right answer.
 *
 * @param question one sentence
 * @param answer in short, e.g. {@code Oakmere}
 * @param sentence the answer as a sentence
 * @param fact what it asks for
 */
public record QuestionAnswer(String question, String answer, String sentence, Fact fact) {
  static QuestionAnswer of(Fact fact, String template) {
    return new QuestionAnswer(fact.fill(template), fact.object(), fact.statement(), fact);
  }
}
