package dev.gamelan.data.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a story as a reader would: who is where, who has what; then checks its answers. */
final class ReadingReplay {
  private static final String NAME = "([A-Z]\\w+|[Ss]he|[Hh]e)";
  private static final String SPOT = "((?:the|The) [a-z ]+?)";
  private static final Pattern AT =
      Pattern.compile("^" + NAME + " was at " + SPOT + "(?: that day)?\\.$");
  private static final Pattern THERE = Pattern.compile("^At " + SPOT + " there was (\\w+)\\.$");
  private static final Pattern BEGIN =
      Pattern.compile(
          "^[A-Z][^,]*, " + NAME + " (?:was at|went to|came to) " + SPOT + "(?: alone)?\\.$");
  private static final Pattern HAD =
      Pattern.compile("^" + NAME + " (?:had|carried) an? ([a-z ]+?)(?: with (?:him|her))?\\.$");
  private static final Pattern WENT =
      Pattern.compile(
          "^(?:Then |After a while )?"
              + NAME
              + " (?:walked|went|ran|hurried) to "
              + SPOT
              + "(?: with the ([a-z ]+))?\\.$");
  private static final Pattern CARRIED =
      Pattern.compile("^" + NAME + " (?:carried|took) the [a-z ]+? (?:along )?to " + SPOT + "\\.$");
  private static final Pattern TOOK =
      Pattern.compile(
          "^(?:There )?"
              + NAME
              + " (?:picked up|found|saw|took) the ([a-z]+ [a-z]+)(?: and (?:took|picked) it(?: up)?)?\\.$");
  private static final Pattern GAVE =
      Pattern.compile("^" + NAME + " (?:gave|handed) the ([a-z ]+) to (\\w+)\\.$");
  private static final Pattern GOT =
      Pattern.compile("^\"This is for you,\" said (\\w+), and (\\w+) got the ([a-z ]+)\\.$");
  private static final Pattern ASKED =
      Pattern.compile("^\"May I have the ([a-z ]+)\\?\" asked (\\w+)\\.$");
  private static final Pattern LEFT =
      Pattern.compile("^" + NAME + " (?:put|left|forgot) the ([a-z]+ [a-z]+) (?:down )?at .*$");
  private static final Pattern WHERE =
      Pattern.compile("Question: Where is (.+)\\?\nAnswer: (.+) is at (.+)\\.");
  private static final Pattern WHO =
      Pattern.compile("Question: Who has the (.+)\\?\nAnswer: (\\w+) has the (.+)\\.");

  private final Map<String, String> spots = new HashMap<>();
  private final Map<String, String> holders = new HashMap<>();
  private final Map<String, String> lying = new HashMap<>();
  private String last = "";

  private ReadingReplay() {}

  static int check(String text) {
    ReadingReplay replay = new ReadingReplay();
    String first = text.split(" ")[0];
    Matcher called = Pattern.compile("called (\\w+)\\.").matcher(text.split("\n")[0]);
    replay.last = called.find() ? called.group(1) : first.replace(",", "");
    int questions = text.indexOf("Question:");
    for (String sentence :
        text.substring(0, questions).split("(?<=[.!]\"?)\\s+|(?<=\\?\" asked \\w{1,20}\\.)\\s+")) {
      replay.sentence(sentence.strip());
    }
    int checked = 0;
    Matcher where = WHERE.matcher(text);
    while (where.find()) {
      String asked = where.group(1);
      String spot =
          asked.startsWith("the ") ? replay.thing(asked.substring(4)) : replay.spots.get(asked);
      assertThat(where.group(3)).as(text + "\n" + asked).isEqualTo(spot);
      checked++;
    }
    Matcher who = WHO.matcher(text);
    while (who.find()) {
      assertThat(who.group(2)).as(text).isEqualTo(replay.holders.get(who.group(1)));
      checked++;
    }
    return checked;
  }

  private String thing(String thing) {
    return holders.containsKey(thing) ? spots.get(holders.get(thing)) : lying.get(thing);
  }

  private String who(String name) {
    boolean pronoun = name.toLowerCase(Locale.ROOT).matches("s?he");
    last = pronoun ? last : name;
    return last;
  }

  private void sentence(String s) {
    Matcher m;
    if ((m = AT.matcher(s)).matches() || (m = BEGIN.matcher(s)).matches()) {
      spots.put(who(m.group(1)), m.group(2));
    } else if ((m = THERE.matcher(s)).matches()) {
      spots.put(m.group(2), m.group(1));
    } else if ((m = HAD.matcher(s)).matches()) {
      holders.put(m.group(2), who(m.group(1)));
    } else if ((m = Pattern.compile("^An? ([a-z]+ [a-z]+) lay at (.+)\\.$").matcher(s)).matches()
        || (m = Pattern.compile("^Somebody had left an? ([a-z ]+?) at (.+)\\.$").matcher(s))
            .matches()
        || (m = Pattern.compile("^There was an? ([a-z ]+?) at (.+)\\.$").matcher(s)).matches()) {
      lying.put(m.group(1), m.group(2));
    } else if ((m = WENT.matcher(s)).matches() || (m = CARRIED.matcher(s)).matches()) {
      spots.put(who(m.group(1)), m.group(2));
    } else if ((m = TOOK.matcher(s)).matches()) {
      assertThat(lying.remove(m.group(2))).as(s).isEqualTo(spots.get(who(m.group(1))));
      holders.put(m.group(2), last);
    } else if ((m = LEFT.matcher(s)).matches()) {
      assertThat(holders.remove(m.group(2))).as(s).isEqualTo(who(m.group(1)));
      lying.put(m.group(2), spots.get(last));
    } else if ((m = GAVE.matcher(s)).matches()) {
      hand(m.group(2), who(m.group(1)), m.group(3), s);
    } else if ((m = GOT.matcher(s)).matches()) {
      hand(m.group(3), m.group(1), m.group(2), s);
    } else if ((m = ASKED.matcher(s)).matches()) {
      hand(m.group(1), holders.get(m.group(1)), m.group(2), s);
    }
  }

  private void hand(String thing, String from, String to, String sentence) {
    assertThat(holders.get(thing)).as(sentence).isEqualTo(from);
    assertThat(spots.get(to)).as(sentence).isEqualTo(spots.get(from));
    holders.put(thing, to);
  }
}
