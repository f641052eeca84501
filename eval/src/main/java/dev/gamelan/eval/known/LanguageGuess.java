package dev.gamelan.eval.known;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Guesses the language of an answer: by its script where that is enough, else by the commonest
 * words and letters of languages that share a script. It knows the languages that IFEval asks for,
 * and English's neighbours.
 */
final class LanguageGuess {
  private static final Map<Character.UnicodeScript, String> BY_SCRIPT =
      Map.ofEntries(
          Map.entry(Character.UnicodeScript.KANNADA, "kn"),
          Map.entry(Character.UnicodeScript.GURMUKHI, "pa"),
          Map.entry(Character.UnicodeScript.GUJARATI, "gu"),
          Map.entry(Character.UnicodeScript.TELUGU, "te"),
          Map.entry(Character.UnicodeScript.TAMIL, "ta"),
          Map.entry(Character.UnicodeScript.MALAYALAM, "ml"),
          Map.entry(Character.UnicodeScript.BENGALI, "bn"),
          Map.entry(Character.UnicodeScript.THAI, "th"),
          Map.entry(Character.UnicodeScript.HANGUL, "ko"),
          Map.entry(Character.UnicodeScript.HIRAGANA, "ja"),
          Map.entry(Character.UnicodeScript.KATAKANA, "ja"),
          Map.entry(Character.UnicodeScript.HAN, "zh"),
          Map.entry(Character.UnicodeScript.GREEK, "el"),
          Map.entry(Character.UnicodeScript.HEBREW, "he"));

  private static final Map<String, Set<String>> WORDS = words();

  private LanguageGuess() {}

  private static Map<String, Set<String>> words() {
    Map<String, Set<String>> words = new LinkedHashMap<>();
    words.put(
        "en",
        Set.of(
            "the", "and", "of", "to", "is", "in", "that", "it", "for", "you", "with", "i", "a",
            "are", "this"));
    words.put(
        "de",
        Set.of(
            "der", "die", "und", "das", "ist", "nicht", "ein", "eine", "zu", "ich", "mit", "auf",
            "für", "den", "von"));
    words.put(
        "fr",
        Set.of(
            "le", "la", "les", "et", "des", "est", "un", "une", "que", "pour", "dans", "du", "pas",
            "qui", "vous"));
    words.put(
        "es",
        Set.of(
            "el", "la", "los", "y", "de", "que", "es", "en", "un", "una", "por", "para", "con",
            "del", "se"));
    words.put(
        "it",
        Set.of(
            "il", "la", "di", "che", "e", "è", "un", "una", "per", "non", "sono", "con", "del",
            "della", "gli"));
    words.put(
        "pt",
        Set.of(
            "o", "a", "os", "de", "que", "e", "é", "um", "uma", "não", "para", "com", "do", "da",
            "em"));
    words.put(
        "nl",
        Set.of(
            "de", "het", "een", "en", "van", "is", "dat", "niet", "op", "te", "zijn", "voor", "met",
            "ik", "je"));
    words.put(
        "fi",
        Set.of(
            "ja", "on", "ei", "se", "että", "oli", "mutta", "kun", "ovat", "joka", "hän", "tai",
            "niin", "olla", "myös"));
    words.put(
        "sw",
        Set.of(
            "na", "ya", "wa", "kwa", "ni", "katika", "za", "la", "kuwa", "hii", "cha", "huyo",
            "yake", "watu", "pia"));
    words.put(
        "vi",
        Set.of(
            "và", "của", "là", "có", "một", "không", "được", "cho", "trong", "những", "các", "với",
            "người", "này", "đã"));
    words.put(
        "hi",
        Set.of(
            "है", "के", "में", "की", "और", "से", "का", "को", "हैं", "यह", "पर", "एक", "नहीं", "ने",
            "भी"));
    words.put(
        "mr",
        Set.of(
            "आहे", "आणि", "मध्ये", "या", "ते", "हे", "आहेत", "नाही", "एक", "च्या", "साठी", "होते",
            "करून", "असे", "मी"));
    words.put(
        "ne",
        Set.of(
            "छ", "र", "को", "मा", "यो", "छन्", "गर्न", "पनि", "हो", "लागि", "भएको", "गर्ने", "तथा",
            "थियो", "भने"));
    words.put(
        "ru",
        Set.of(
            "и", "в", "не", "на", "что", "это", "с", "он", "как", "я", "по", "для", "мы", "но",
            "ы"));
    words.put(
        "bg",
        Set.of(
            "и", "на", "да", "се", "за", "от", "е", "са", "че", "не", "като", "ще", "в", "това",
            "към"));
    words.put(
        "uk",
        Set.of(
            "і", "та", "не", "що", "на", "це", "у", "з", "до", "є", "як", "він", "для", "ми",
            "її"));
    words.put(
        "ar",
        Set.of(
            "في", "من", "على", "أن", "إلى", "هذا", "التي", "هو", "ما", "عن", "مع", "كان", "هذه",
            "لا", "الذي"));
    words.put(
        "fa",
        Set.of(
            "و", "در", "به", "از", "که", "این", "است", "را", "با", "برای", "آن", "یک", "می", "خود",
            "شود"));
    words.put(
        "ur",
        Set.of(
            "کے", "میں", "کی", "ہے", "اور", "سے", "کا", "کو", "اس", "ہیں", "پر", "نے", "یہ", "ایک",
            "کہ"));
    return words;
  }

  /** The language's two letters (ISO 639-1); {@code unknown} where nothing tells. */
  static String of(String text) {
    Map<Character.UnicodeScript, Integer> scripts = new HashMap<>();
    text.codePoints()
        .filter(Character::isLetter)
        .forEach(c -> scripts.merge(Character.UnicodeScript.of(c), 1, Integer::sum));
    Character.UnicodeScript most = Character.UnicodeScript.COMMON;
    for (Map.Entry<Character.UnicodeScript, Integer> e : scripts.entrySet()) {
      most = e.getValue() > scripts.getOrDefault(most, 0) ? e.getKey() : most;
    }
    if (scripts.containsKey(Character.UnicodeScript.HIRAGANA)
        && most == Character.UnicodeScript.HAN) {
      return "ja";
    }
    String certain = BY_SCRIPT.get(most);
    return certain == null ? byWords(text) : certain;
  }

  private static String byWords(String text) {
    String best = "unknown";
    int most = 0;
    String[] tokens = text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{M}]+");
    for (Map.Entry<String, Set<String>> e : WORDS.entrySet()) {
      int count = 0;
      for (String token : tokens) {
        count += e.getValue().contains(token) ? 1 : 0;
      }
      if (count > most) {
        most = count;
        best = e.getKey();
      }
    }
    return best;
  }
}
