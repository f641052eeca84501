package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any family with a head of a few scores in the place of the one over the vocabulary: a reward
 * model or a classifier ({@code LlamaForSequenceClassification} and its like). A sequence's scores
 * are those of its last token that is no padding. Published reference: transformers' {@code
 * GenericForSequenceClassification}. Departures: none.
 *
 * @param base the family without the head
 * @param architecture as the checkpoint names itself
 * @param labels what each score is for; at least one
 * @param padding the token that a sequence may be filled up with
 */
public record Scoring(
    Family base, String architecture, List<String> labels, Optional<Integer> padding)
    implements Family {
  static final String SUFFIX = "ForSequenceClassification";

  public Scoring {
    labels = List.copyOf(labels);
  }

  static Scoring read(Config c, Family base, String architecture) {
    return new Scoring(base, architecture, c.labels(), c.token("pad_token_id"));
  }

  /**
   * A reward model, one score a sequence, with the shape of a model.
   *
   * @param padding the token that a sequence may be filled up with
   */
  public static Scoring reward(Family base, Optional<Integer> padding) {
    String architecture =
        base.config().get("architectures").get(0).asString().replaceFirst("(For|LMHead).*", SUFFIX);
    return new Scoring(base, architecture, List.of("LABEL_0"), padding);
  }

  @Override
  public DecoderSpec spec() {
    return base.spec().scoring(labels.size());
  }

  @Override
  public TensorNames names() {
    return base.names().with("head", "score");
  }

  @Override
  public Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>(base.aliases());
    aliases.values().removeIf("head.weight"::equals);
    return aliases;
  }

  @Override
  public List<String> ignored() {
    return base.ignored();
  }

  @Override
  public Optional<Integer> eos() {
    return base.eos();
  }

  @Override
  public Optional<Integer> bos() {
    return base.bos();
  }

  @Override
  public ObjectNode config() {
    ObjectNode config = base.config();
    ArrayNode architectures = config.putArray("architectures");
    architectures.add(architecture);
    ObjectNode byId = config.putObject("id2label");
    ObjectNode byLabel = config.putObject("label2id");
    for (int i = 0; i < labels.size(); i++) {
      byId.put(Integer.toString(i), labels.get(i));
      byLabel.put(labels.get(i), i);
    }
    padding.ifPresentOrElse(
        id -> config.put("pad_token_id", id), () -> config.putNull("pad_token_id"));
    return config;
  }
}
