package dev.gamelan.data;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;

/** Code and prose of Java files, one file after another. */
final class JdkStream extends DocumentStream {
  /** Less prose than this is no document. */
  private static final int MINIMAL_PROSE = 200;

  private final DocumentStream files;
  private final JdkSources.Options options;
  private final ArrayDeque<Document> ready = new ArrayDeque<>();

  JdkStream(DocumentStream files, JdkSources.Options options) {
    this.files = files;
    this.options = options;
  }

  @Override
  protected Optional<Document> advance() {
    while (ready.isEmpty() && files.hasNext()) {
      take(files.next());
    }
    return Optional.ofNullable(ready.poll());
  }

  private void take(Document file) {
    String module = JdkSources.module(file.id());
    int body = JavaHeader.end(file.text());
    String licence = JavaHeader.licence(file.text().substring(0, body));
    String code = options.headers() ? file.text() : file.text().substring(body);
    if (options.code() && !code.isBlank()) {
      add(file.id(), code, "jdk/" + module + "/code", licence);
    }
    if (options.javadoc()) {
      String prose = Javadoc.prose(title(file.id()), file.text().substring(body));
      if (prose.length() >= MINIMAL_PROSE) {
        add(file.id() + "#javadoc", prose, "jdk/" + module + "/javadoc", licence);
      }
    }
  }

  private void add(String id, String text, String source, String licence) {
    ready.add(new Document(id, text, source, Optional.of(licence), Map.of()));
  }

  /** For example {@code java.util.List} for {@code java.base/java/util/List.java}. */
  private static String title(String id) {
    String path = id.substring(id.indexOf('/') + 1);
    return path.substring(0, path.length() - ".java".length()).replace('/', '.');
  }

  @Override
  protected void release() {
    ready.clear();
    files.close();
  }

  @Override
  public Skipped skipped() {
    return files.skipped();
  }
}
