package dev.gamelan.data.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The vocabulary from which a seed makes a world. */
final class Words {
  private Words() {}

  static final List<String> STARTS =
      List.of(
          "Mi", "Ta", "Lo", "Be", "Ka", "Ro", "Sel", "Dor", "Fen", "Gal", "Hel", "Jo", "Lin", "Mar",
          "Nor", "Os", "Pel", "Quin", "Ru", "Sam", "Til", "Ul", "Ven", "Wil", "Yor", "Zan");
  static final List<String> GIRL_ENDS =
      List.of("ra", "la", "na", "mina", "lia", "dine", "vela", "rissa", "bella", "tta");
  static final List<String> BOY_ENDS =
      List.of("bin", "do", "ric", "mund", "ton", "vo", "lek", "nard", "sto", "gan");
  static final List<String> PET_NAMES =
      List.of(
          "Pip",
          "Dot",
          "Muff",
          "Biscuit",
          "Pepper",
          "Socks",
          "Button",
          "Nutmeg",
          "Bramble",
          "Clover",
          "Dusty",
          "Ginger",
          "Hazel",
          "Inky",
          "Jumper",
          "Kipper",
          "Lucky",
          "Misty",
          "Noodle",
          "Olive",
          "Patch",
          "Rusty",
          "Smoky",
          "Tuppence",
          "Velvet",
          "Whisper",
          "Ziggy",
          "Berry",
          "Cocoa",
          "Flint",
          "Maple",
          "Pebble",
          "Plum",
          "Scamp",
          "Sunny",
          "Toffee");
  static final List<String> PLACE_STARTS =
      List.of(
          "Oak", "Stone", "Thorn", "Mill", "Ash", "Bright", "Cold", "Deep", "Elm", "Fern", "Gold",
          "Hazel", "Iron", "Kings", "Long", "Moss", "North", "Otter", "Pine", "Raven");
  static final List<String> PLACE_ENDS =
      List.of("mere", "wick", "ford", "bury", "dale", "ton", "haven", "bridge");
  static final List<String> PLACE_KINDS = List.of("village", "village", "town", "port", "city");
  static final List<String> REGION_STARTS =
      List.of("Arven", "Belmor", "Cald", "Dorl", "Estr", "Felb", "Gond", "Harv", "Ist", "Jurv");
  static final List<String> REGION_ENDS = List.of("ia", "land", "mark", "shire");
  static final List<String> RIVERS =
      List.of("Lenn", "Tavy", "Orr", "Wend", "Issel", "Brae", "Culm", "Dane", "Esk", "Fal");
  static final List<String> LANDMARKS =
      List.of(
          "an old windmill",
          "a tall clock tower",
          "a stone bridge",
          "a round lighthouse",
          "a ruined castle",
          "a golden statue",
          "a giant oak tree",
          "a deep well",
          "a glass house",
          "a wooden theatre",
          "a quiet monastery",
          "a white fountain",
          "a crooked chapel",
          "a great library",
          "a rose garden",
          "a market hall");
  static final List<String> PRODUCTS =
      List.of(
          "cheese", "honey", "wool", "pottery", "glass", "salt", "wine", "carpets", "candles",
          "knives", "boats", "bells", "paper", "silk", "apples", "bread", "hats", "violins");

  static final List<String> COLOURS =
      List.of(
          "red", "blue", "green", "yellow", "orange", "purple", "brown", "black", "white", "grey",
          "pink", "silver");
  static final List<String> FOODS =
      List.of(
          "soup",
          "bread",
          "pancakes",
          "rice",
          "cheese",
          "apple pie",
          "roast chicken",
          "noodles",
          "porridge",
          "plums",
          "honey cake",
          "fish",
          "potatoes",
          "carrots",
          "strawberries",
          "mushrooms",
          "lentils",
          "dumplings",
          "cherries",
          "omelettes");
  static final List<String> HOBBIES =
      List.of(
          "painting",
          "fishing",
          "singing",
          "dancing",
          "reading",
          "chess",
          "gardening",
          "cooking",
          "swimming",
          "sewing",
          "climbing",
          "running",
          "drawing",
          "riding",
          "skating",
          "bird-watching",
          "juggling",
          "carving wood",
          "flying kites",
          "telling stories");
  static final List<Noun> THINGS =
      nouns(
          "kite,cup,book,hat,lamp,basket,key,drum,whistle,bell,ribbon,scarf,blanket,flute,map,"
              + "mirror,umbrella,purse,bottle,rope,ladder,bucket,candle,puppet,ball,violin,lantern,"
              + "spoon,letter,coat,button,necklace,ring,compass,telescope,wagon");
  static final List<Noun> GOODS =
      nouns(
          "apple,pear,egg,nail,shell,button,marble,candle,coin,stamp,card,cake,plum,lemon,onion,"
              + "carrot,feather,pencil,flower,stone,book,biscuit,nut,bead");
  static final List<String> SPOTS =
      List.of(
          "the market",
          "the mill",
          "the river",
          "the school",
          "the old bridge",
          "the forest",
          "the bakery",
          "the square",
          "the garden",
          "the hill",
          "the library",
          "the stable",
          "the well",
          "the harbour",
          "the barn",
          "the inn",
          "the orchard",
          "the meadow");

  static final List<Animal> ANIMALS =
      List.of(
          animal("dog", 4, "fur", "barks", "meat", "with people"),
          animal("cat", 4, "fur", "meows", "mice", "with people"),
          animal("cow", 4, "hair", "moos", "grass", "on the farm"),
          animal("horse", 4, "hair", "neighs", "hay", "in the stable"),
          animal("duck", 2, "feathers", "quacks", "water plants", "on the pond"),
          animal("hen", 2, "feathers", "clucks", "grain", "on the farm"),
          animal("owl", 2, "feathers", "hoots", "mice", "in old trees"),
          animal("frog", 4, "smooth skin", "croaks", "flies", "by the pond"),
          animal("lion", 4, "fur", "roars", "meat", "in the grasslands"),
          animal("crow", 2, "feathers", "caws", "seeds and insects", "in tall trees"),
          animal("donkey", 4, "hair", "brays", "hay", "in the stable"),
          animal("pig", 4, "bristles", "grunts", "roots", "on the farm"),
          animal("goat", 4, "hair", "bleats", "leaves", "in the mountains"),
          animal("bear", 4, "fur", "growls", "berries and fish", "in the forest"),
          animal("snake", 0, "scales", "hisses", "small animals", "under stones"),
          animal("bee", 6, "fine hair", "buzzes", "nectar", "in a hive"),
          new Animal(new Noun("wolf", "wolves"), 4, "fur", "howls", "meat", "in the forest", false),
          new Animal(
              new Noun("mouse", "mice"), 4, "fur", "squeaks", "grain", "in small holes", false),
          new Animal(
              new Noun("goose", "geese"), 2, "feathers", "honks", "grass", "by the lake", false),
          animal("cricket", 6, "a hard shell", "chirps", "leaves", "in the meadow"));

  /** Names of animals that only this world has; the seed says what they are like. */
  static final List<Noun> INVENTED =
      nouns(
          "brindle,marl,tufty,ollow,snib,quorl,fennick,dapple,wumper,grist,loomer,tarn,pockle,"
              + "harrel,vinny,zorb");

  static final List<String> COVERINGS =
      List.of("blue fur", "green feathers", "silver scales", "soft wool", "striped hair");
  static final List<String> SOUNDS =
      List.of("hums", "whistles", "clicks", "purrs", "rattles", "sings", "booms", "chatters");
  static final List<String> ANIMAL_FOODS =
      List.of("moss", "acorns", "snails", "clover", "river weed", "pine cones", "beetles", "figs");
  static final List<String> HABITATS =
      List.of(
          "in caves",
          "in the marsh",
          "on the high moor",
          "in hollow trees",
          "on the sea cliffs",
          "under bridges",
          "in the reeds",
          "in deep valleys");

  static final List<Job> JOBS =
      List.of(
          job("baker", "in the bakery", "an oven", "bake bread", "bakes bread"),
          job("teacher", "at the school", "a blackboard", "teach children", "teaches children"),
          job("miller", "at the mill", "a millstone", "grind grain", "grinds grain"),
          job("farmer", "on the farm", "a plough", "grow vegetables", "grows vegetables"),
          job("doctor", "in the hospital", "a stethoscope", "heal the sick", "heals the sick"),
          job("carpenter", "in the workshop", "a saw", "make tables", "makes tables"),
          job("sailor", "on a ship", "a compass", "sail the sea", "sails the sea"),
          job("tailor", "in the tailor's shop", "a needle", "sew clothes", "sews clothes"),
          job("blacksmith", "in the forge", "a hammer", "shape iron", "shapes iron"),
          job("gardener", "in the park", "a spade", "plant flowers", "plants flowers"),
          job("librarian", "in the library", "a catalogue", "lend books", "lends books"),
          job("potter", "in the pottery", "a wheel", "make bowls", "makes bowls"),
          job("painter", "in the studio", "a brush", "paint pictures", "paints pictures"),
          job("cook", "in the inn", "a ladle", "cook meals", "cooks meals"),
          job("weaver", "in the weaving house", "a loom", "weave cloth", "weaves cloth"),
          job("shepherd", "on the hills", "a crook", "look after sheep", "looks after sheep"),
          job(
              "postman",
              "postmen",
              "at the post office",
              "a bag",
              "carry letters",
              "carries letters"),
          job("fisherman", "fishermen", "by the lake", "a net", "catch fish", "catches fish"),
          job("watchmaker", "in the clock shop", "a lens", "mend clocks", "mends clocks"),
          job("beekeeper", "by the hives", "a smoker", "gather honey", "gathers honey"));

  private static Animal animal(
      String name, int legs, String covering, String sound, String food, String habitat) {
    return new Animal(Noun.of(name), legs, covering, sound, food, habitat, false);
  }

  private static Job job(String name, String where, String tool, String task, String tasks) {
    return new Job(Noun.of(name), where, tool, task, tasks);
  }

  private static Job job(
      String name, String many, String where, String tool, String task, String tasks) {
    return new Job(new Noun(name, many), where, tool, task, tasks);
  }

  private static List<Noun> nouns(String list) {
    List<Noun> nouns = new ArrayList<>();
    Arrays.stream(list.split(",")).map(Noun::of).forEach(nouns::add);
    return List.copyOf(nouns);
  }
}
