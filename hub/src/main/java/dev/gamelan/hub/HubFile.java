package dev.gamelan.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param path where it lies, with slashes
 * @param size in bytes
 * @param oid the SHA-1 by which git knows it: of the file, or of the pointer to one in LFS
 * @param sha256 of the file, where it lies in LFS
 */
record HubFile(String path, long size, String oid, Optional<String> sha256) {
  private static final Pattern OID = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** What a server says becomes paths here: nothing may lead out of the folder. */
  HubFile {
    check(isInside(path), path, "its path leads out of the repository");
    check(size >= 0, path, "its size is " + size);
    check(OID.matcher(oid).matches(), path, "its oid is '" + oid + "'");
    check(
        sha256.isEmpty() || SHA256.matcher(sha256.get()).matches(),
        path,
        "its SHA-256 is '" + sha256.orElse("") + "'");
  }

  /** Its name among the blobs of the cache, which is the ETag that the Hub gives it. */
  String blob() {
    return sha256.orElse(oid);
  }

  /** Its name without folders. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static boolean isInside(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0 || path.indexOf('\0') >= 0) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  private static void check(boolean ok, String path, String what) {
    if (!ok) {
      throw new IllegalArgumentException("the Hub lists '%s', but %s".formatted(path, what));
    }
  }
}
