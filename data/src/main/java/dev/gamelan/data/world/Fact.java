package dev.gamelan.data.world;

/**
 * Something that is true in a world.
 *
 * @param subject a name, e.g. {@code Mira}
 * @param relation what is said
 * @param object the answer, e.g. {@code Oakmere}
 * @param pronoun of the subject in a sentence after one that names it: she, he or it
 */
public record Fact(String subject, Relation relation, String object, String pronoun) {

  /** A sentence that says it, naming the subject. */
  public String statement() {
    return fill(relation.statements().getFirst());
  }

  String statement(Draw draw) {
    return fill(draw.of(relation.statements()));
  }

  String followUp(Draw draw) {
    return fill(draw.of(relation.followUps()));
  }

  String fill(String template) {
    StringBuilder out = new StringBuilder(template.length() + 32);
    int at = 0;
    while (true) {
      int open = template.indexOf('{', at);
      if (open < 0) {
        out.append(template, at, template.length());
        break;
      }
      int close = template.indexOf('}', open);
      out.append(template, at, open);
      out.append(slot(template.substring(open + 1, close)));
      at = close + 1;
    }
    if (Character.isLowerCase(out.charAt(0))) {
      out.setCharAt(0, Character.toUpperCase(out.charAt(0)));
    }
    return out.toString();
  }

  private String slot(String name) {
    return switch (name) {
      case "s" -> subject;
      case "o" -> object;
      case "a:s" -> Noun.a(subject);
      case "a:o" -> Noun.a(object);
      case "they" -> pronoun;
      case "their" -> pronoun.equals("she") ? "her" : pronoun.equals("he") ? "his" : "its";
      default -> throw new IllegalStateException("no slot {" + name + "} in " + relation);
    };
  }
}
