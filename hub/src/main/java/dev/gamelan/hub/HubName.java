package dev.gamelan.hub;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a user calls a repository of the Hub, or files in it:
 *
 * <pre>
 * hf:OWNER/NAME                     a model at its main branch
 * hf:OWNER/NAME@REVISION            at a branch, a tag, a commit or refs/pr/N
 * hf:OWNER/NAME:Q4_K_M              the GGUF file of that quantization
 * hf:OWNER/NAME/FOLDER/FILE         one file (also hf:OWNER/NAME:FILE)
 * hf:datasets/OWNER/NAME            a dataset
 * https://huggingface.co/OWNER/NAME as the browser shows it; /tree/, /blob/ and /resolve/ too
 * </pre>
 *
 * @param kind model or dataset
 * @param repository {@code OWNER/NAME}; some old models have no owner
 * @param revision a branch, a tag, a commit of 40 hexadecimal digits or a ref
 * @param what a file's path or the name of a quantization, where one was named
 */
public record HubName(Kind kind, String repository, String revision, Optional<String> what) {
  /** What a repository holds. */
  public enum Kind {
    MODEL,
    DATASET;

    /** As the Hub and its cache call it, e.g. {@code models}. */
    String plural() {
      return name().toLowerCase(Locale.ROOT) + "s";
    }
  }

  private static final String PREFIX = "hf:";
  private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?";
  private static final Pattern REPOSITORY = Pattern.compile("(?:" + PART + "/)?" + PART);
  private static final Pattern URL =
      Pattern.compile("https?://(?:www\\.)?(?:huggingface\\.co|hf\\.co)/(.+)");
  private static final Pattern REF = Pattern.compile("(refs/[^/:@]+/[^/:@]+)(.*)");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Checks every part. */
  public HubName {
    if (!REPOSITORY.matcher(repository).matches()
        || repository.length() > 96
        || repository.contains("--")
        || repository.contains("..")
        || repository.endsWith(".git")) {
      throw new IllegalArgumentException(
          "'%s' is no repository of the Hub; expected is OWNER/NAME of letters, digits, '-', '_' and '.'"
              .formatted(repository));
    }
    if (revision.isEmpty()
        || revision.startsWith("/")
        || revision.endsWith("/")
        || revision.contains("..")
        || revision.contains("//")
        || revision.chars().anyMatch(c -> c <= ' ' || "~^:?*[\\\u007f".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "'%s' is no revision; expected is a branch, a tag or a commit".formatted(revision));
    }
  }

  /** Whether a user's word names something on the Hub rather than a file here. */
  public static boolean is(String word) {
    return word.startsWith(PREFIX) || URL.matcher(word).matches();
  }

  /**
   * Reads a name.
   *
   * @param kind what a name that doesn't say is taken for
   * @throws IllegalArgumentException it is none
   */
  public static HubName parse(String word, Kind kind) {
    Matcher url = URL.matcher(word);
    if (url.matches()) {
      return ofUrl(url.group(1), kind);
    }
    if (!word.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "'%s' is no name on the Hub; expected is hf:OWNER/NAME".formatted(word));
    }
    String rest = word.substring(PREFIX.length()).replaceFirst("^/+", "");
    Kind named = kind;
    if (rest.startsWith("datasets/")) {
      named = Kind.DATASET;
      rest = rest.substring("datasets/".length());
    } else if (rest.startsWith("models/")) {
      named = Kind.MODEL;
      rest = rest.substring("models/".length());
    }
    // OWNER/NAME ends at the second slash, or at the first of @ and : if that comes before.
    int end = 0;
    int slashes = 0;
    while (end < rest.length() && rest.charAt(end) != '@' && rest.charAt(end) != ':') {
      if (rest.charAt(end) == '/' && ++slashes == 2) {
        break;
      }
      end++;
    }
    String repository = rest.substring(0, end);
    rest = rest.substring(end);
    String revision = "main";
    if (rest.startsWith("@")) {
      Matcher ref = REF.matcher(rest.substring(1));
      if (ref.matches()) {
        revision = ref.group(1);
        rest = ref.group(2);
      } else {
        int stop = 1;
        while (stop < rest.length() && rest.charAt(stop) != '/' && rest.charAt(stop) != ':') {
          stop++;
        }
        revision = rest.substring(1, stop);
        rest = rest.substring(stop);
      }
    }
    Optional<String> what = rest.isEmpty() ? Optional.empty() : Optional.of(rest.substring(1));
    if (what.isPresent() && what.get().isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' ends with '%s'; a file or a quantization is expected after it"
              .formatted(word, rest));
    }
    return new HubName(named, repository, revision, what);
  }

  private static HubName ofUrl(String path, Kind kind) {
    String rest = path.replaceFirst("[?#].*$", "").replaceFirst("/+$", "");
    boolean dataset = rest.startsWith("datasets/");
    Kind named = dataset ? Kind.DATASET : kind;
    String[] parts = (dataset ? rest.substring("datasets/".length()) : rest).split("/", 5);
    if (parts.length == 1) {
      return new HubName(named, parts[0], "main", Optional.empty());
    }
    String repository = parts[0] + "/" + parts[1];
    if (parts.length == 2) {
      return new HubName(named, repository, "main", Optional.empty());
    }
    if (parts.length >= 4 && parts[2].matches("tree|blob|resolve")) {
      boolean file = parts.length == 5 && !parts[2].equals("tree");
      return new HubName(
          named, repository, parts[3], file ? Optional.of(parts[4]) : Optional.empty());
    }
    throw new IllegalArgumentException(
        "'%s' is no page of a repository; expected is https://huggingface.co/OWNER/NAME"
            .formatted(path));
  }

  /** Whether the revision is a commit already. */
  boolean pinned() {
    return COMMIT.matcher(revision).matches();
  }

  /** Without file or quantization. */
  HubName whole() {
    return new HubName(kind, repository, revision, Optional.empty());
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return PREFIX
        + (kind == Kind.DATASET ? "datasets/" : "")
        + repository
        + (revision.equals("main") ? "" : "@" + revision)
        + what.map(w -> (w.contains("/") ? "/" : ":") + w).orElse("");
  }
}
