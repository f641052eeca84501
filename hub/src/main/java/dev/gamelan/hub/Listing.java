package dev.gamelan.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a repository holds at a revision.
 *
 * @param commit the commit that the revision stands for
 * @param files all of them
 */
record Listing(String commit, List<HubFile> files) {
  private static final int LARGEST = 256 << 20;
  private static final int PAGES = 10_000;
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");

  Listing {
    files = List.copyOf(files);
    if (!commit.matches("[0-9a-f]{40}")) {
      throw new IllegalArgumentException("the Hub gives '%s' as a commit".formatted(commit));
    }
  }

  /** Asks the Hub: for the commit, then for its tree, page by page. */
  static Listing ask(Wire wire, HubSettings settings, HubName name, PullListener listener)
      throws IOException, InterruptedException {
    try {
      String api = settings.endpoint() + "/api/" + name.kind().plural() + "/" + name.repository();
      String commit =
          name.pinned()
              ? name.revision()
              : fetch(
                      wire,
                      URI.create(api + "/revision/" + encoded(name.revision(), "")),
                      name,
                      listener)
                  .body()
                  .path("sha")
                  .asString("");
      if (!commit.matches("[0-9a-f]{40}")) {
        throw new HubException(
            "%s: %s names no commit for the revision '%s'; is it a mirror of the Hub?"
                .formatted(name.whole(), settings.endpoint(), name.revision()));
      }
      List<HubFile> files = new ArrayList<>();
      Optional<URI> next = Optional.of(URI.create(api + "/tree/" + commit + "?recursive=true"));
      for (int page = 0; next.isPresent(); page++) {
        if (page == PAGES) {
          throw new HubException(name.whole() + ": the list of files has no end");
        }
        Page got = fetch(wire, next.get(), name, listener);
        if (!got.body().isArray()) {
          throw new HubException(
              "%s: %s gives no list of files; is it a mirror of the Hub?"
                  .formatted(name.whole(), settings.endpoint()));
        }
        for (JsonNode entry : got.body()) {
          if (entry.path("type").asString("").equals("file")) {
            files.add(file(entry));
          }
        }
        next = got.next().map(URI::create).map(u -> atHub(settings, wire, u));
      }
      return new Listing(commit, files);
    } catch (IllegalArgumentException e) {
      throw new HubException(name.whole() + ": " + e.getMessage(), e);
    }
  }

  private static HubFile file(JsonNode entry) {
    JsonNode lfs = entry.path("lfs");
    return new HubFile(
        entry.path("path").asString(""),
        lfs.isObject() ? lfs.path("size").asLong(-1) : entry.path("size").asLong(-1),
        entry.path("oid").asString(""),
        lfs.isObject() ? Optional.of(lfs.path("oid").asString("")) : Optional.empty());
  }

  private record Page(JsonNode body, Optional<String> next) {}

  private static Page fetch(Wire wire, URI uri, HubName name, PullListener listener)
      throws IOException, InterruptedException {
    Patience patience = new Patience(wire.tuning(), name.whole().toString(), listener);
    while (true) {
      try (Wire.Answer answer = wire.get(uri, Optional.empty(), name)) {
        byte[] bytes = answer.body().readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
          throw new HubException(name.whole() + ": the list of files is larger than 256 MB");
        }
        Matcher next = NEXT.matcher(String.join(",", answer.headers().allValues("Link")));
        return new Page(
            JsonMapper.shared().readTree(bytes),
            next.find() ? Optional.of(next.group(1)) : Optional.empty());
      } catch (JacksonException e) {
        throw new HubException(
            "%s: what %s answers is no JSON; is there a mirror of the Hub, or a login page before it?"
                .formatted(name.whole(), uri.getHost()),
            e);
      } catch (IOException e) {
        patience.failed(e);
      }
    }
  }

  /** A mirror may pass on the Hub's own address of the next page: it is asked at the mirror. */
  private static URI atHub(HubSettings settings, Wire wire, URI next) {
    URI whole = settings.endpoint().resolve(next);
    if (wire.isHub(whole)) {
      return whole;
    }
    String query = whole.getRawQuery() == null ? "" : "?" + whole.getRawQuery();
    return URI.create(settings.endpoint() + whole.getRawPath() + query);
  }

  /** Where a file can be had. */
  static URI address(HubSettings settings, HubName name, String commit, HubFile file) {
    return URI.create(
        settings.endpoint()
            + (name.kind() == HubName.Kind.DATASET ? "/datasets/" : "/")
            + name.repository()
            + "/resolve/"
            + commit
            + "/"
            + encoded(file.path(), "/"));
  }

  /** Percent-encoded UTF-8; letters, digits, {@code -._~} and {@code safe} stay. */
  private static String encoded(String text, String safe) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
      if (plain || safe.indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append('%').append(String.format("%02X", (int) c));
      }
    }
    return out.toString();
  }
}
