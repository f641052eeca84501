package dev.gamelan.train.metrics;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Scalars and texts as a TensorBoard event file: events in protocol buffers (TensorFlow's {@code
 * event.proto}, {@code summary.proto}, {@code tensor.proto}), framed as TFRecords.
 *
 * <p>Resumed like {@link MetricsLog}: records of later steps are cut off. The bytes hold the time
 * of writing, so they differ from run to run. Safe for several threads.
 */
public final class TensorBoardWriter implements AutoCloseable {
  /** TensorBoard reads every file of a folder that has {@code tfevents} in its name. */
  static final String FILE = "events.out.tfevents.1.gamelan";

  /** A field of a message: its number and how it's written, from TensorFlow's .proto files. */
  private static final int EVENT_WALL_TIME = 1;

  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_TENSOR = 8;
  private static final int VALUE_METADATA = 9;
  private static final int METADATA_PLUGIN = 1;
  private static final int METADATA_CLASS = 4;
  private static final int PLUGIN_NAME = 1;
  private static final int TENSOR_TYPE = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int TENSOR_STRING = 8;
  private static final int SHAPE_DIMENSION = 2;
  private static final int DIMENSION_SIZE = 1;
  private static final int DATA_CLASS_TENSOR = 2;
  private static final int TYPE_STRING = 7;

  private final AppendedFile file;
  private final InstantSource clock;

  private TensorBoardWriter(AppendedFile file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /**
   * Opens the event file of a folder to go on after {@code lastStep}; see {@link MetricsLog#open}.
   *
   * @param folder what {@code tensorboard --logdir} is given; made if need be
   * @param lastStep the last step that counts; -1 begins anew
   * @param clock tells the time that events carry
   * @throws MetricsException if the file can't be opened, or a record within it is damaged
   */
  public static TensorBoardWriter open(Path folder, long lastStep, InstantSource clock) {
    AppendedFile file =
        AppendedFile.open(folder.resolve(FILE), there -> TfRecords.kept(there, lastStep));
    TensorBoardWriter writer = new TensorBoardWriter(file, clock);
    if (file.size() == 0) {
      // The first record tells the version; every reader expects it.
      writer.append(0, out -> out.writeString(EVENT_FILE_VERSION, "brain.Event:2"));
    }
    return writer;
  }

  /** Writes one value; TensorBoard keeps it as a float. */
  public void scalar(String tag, long step, double value) {
    append(
        step,
        event ->
            message(
                event,
                EVENT_SUMMARY,
                summary ->
                    message(
                        summary,
                        SUMMARY_VALUE,
                        it -> {
                          it.writeString(VALUE_TAG, tag);
                          it.writeFloat(VALUE_SIMPLE, (float) value);
                        })));
  }

  /** Writes a text, e.g. a sample; TensorBoard shows it as Markdown. */
  public void text(String tag, long step, String text) {
    append(
        step,
        event ->
            message(
                event,
                EVENT_SUMMARY,
                summary ->
                    message(
                        summary,
                        SUMMARY_VALUE,
                        it -> {
                          it.writeString(VALUE_TAG, tag);
                          message(it, VALUE_TENSOR, tensor -> writeText(tensor, text));
                          message(
                              it,
                              VALUE_METADATA,
                              metadata -> {
                                message(
                                    metadata,
                                    METADATA_PLUGIN,
                                    plugin -> plugin.writeString(PLUGIN_NAME, "text"));
                                metadata.writeEnum(METADATA_CLASS, DATA_CLASS_TENSOR);
                              });
                        })));
  }

  /** Returns once everything is on the disk. */
  public void sync() {
    file.sync();
  }

  @Override
  public void close() {
    file.close();
  }

  private static void writeText(CodedOutputStream tensor, String text) throws IOException {
    tensor.writeEnum(TENSOR_TYPE, TYPE_STRING);
    message(
        tensor,
        TENSOR_SHAPE,
        shape -> message(shape, SHAPE_DIMENSION, one -> one.writeInt64(DIMENSION_SIZE, 1)));
    // getBytes makes a lone surrogate a question mark, where writeString would refuse it.
    tensor.writeByteArray(TENSOR_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  private void append(long step, Content content) {
    if (step < 0) {
      throw new IllegalArgumentException(
          "TensorBoard: step is %d; it can't be negative".formatted(step));
    }
    Instant now = clock.instant();
    byte[] event =
        bytes(
            out -> {
              out.writeDouble(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() * 1e-9);
              out.writeInt64(EVENT_STEP, step);
              content.write(out);
            });
    file.append(TfRecords.frame(event));
  }

  /** What is written into a message. */
  private interface Content {
    void write(CodedOutputStream out) throws IOException;
  }

  private static void message(CodedOutputStream out, int field, Content content)
      throws IOException {
    out.writeByteArray(field, bytes(content));
  }

  private static byte[] bytes(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 256);
    try {
      content.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory doesn't fail
    }
    return bytes.toByteArray();
  }
}
