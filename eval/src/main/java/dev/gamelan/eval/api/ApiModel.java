package dev.gamelan.eval.api;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.local.GenerationArguments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * A model behind an interface. Generations are asked as a chat (or as a text to be continued, where
 * the settings say so); log-likelihoods by completions with echo, where a service has them; rolling
 * ones not at all. Answers are given as they come, on the thread that asks for them.
 */
public final class ApiModel implements LanguageModel, AutoCloseable {
  private final ApiSettings settings;
  private final Protocol protocol;
  private final String key;
  private final Wire wire;
  private final Set<String> conversations = ConcurrentHashMap.newKeySet();
  private final AtomicLong input = new AtomicLong();
  private final AtomicLong output = new AtomicLong();
  private final AtomicInteger blocked = new AtomicInteger();

  /**
   * @param environment where the key is
   * @throws IllegalArgumentException the key is missing
   */
  public ApiModel(ApiSettings settings, Map<String, String> environment) {
    this(settings, environment, Time.real());
  }

  /** The model as recorded answers know it, to be scored without anybody being asked. */
  public static LanguageModel recorded(ApiSettings settings) {
    return new RecordedModel(new ApiModel(settings, Optional.empty(), Time.real()));
  }

  ApiModel(ApiSettings settings, Map<String, String> environment, Time time) {
    this(settings, settings.key(environment), time);
  }

  private ApiModel(ApiSettings settings, Optional<String> key, Time time) {
    this.settings = settings;
    this.protocol = Protocol.of(settings);
    this.key = key.orElse("");
    this.wire = new Wire(settings, this.key, time);
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String fingerprint() {
    return "%s %s %s %s"
        .formatted(
            settings.provider().key(),
            settings.base(),
            settings.model(),
            settings.completions() ? "completions" : "chat");
  }

  /**
   * What services counted so far.
   *
   * @param blocked answers that the service itself kept back; they are empty texts
   */
  public record Usage(long input, long output, int blocked) {}

  public Usage usage() {
    return new Usage(input.get(), output.get(), blocked.get());
  }

  /** A conversation is kept as it is: the service writes it as its model reads it. */
  @Override
  public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
    if (settings.completions()) {
      return Optional.empty();
    }
    String text = messages.toString();
    conversations.add(text);
    return Optional.of(text);
  }

  private record Done(int index, Optional<Answer> answer, Optional<RuntimeException> failure) {}

  @Override
  public void answer(List<? extends Request> requests, Sink sink) {
    requests.forEach(this::check);
    BlockingQueue<Done> done = new LinkedBlockingQueue<>();
    AtomicInteger next = new AtomicInteger();
    int workers = Math.min(settings.concurrency(), requests.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int w = 0; w < workers; w++) {
        threads.execute(
            () -> {
              for (int i = next.getAndIncrement();
                  i < requests.size();
                  i = next.getAndIncrement()) {
                done.add(attempt(i, requests.get(i)));
              }
            });
      }
      Optional<RuntimeException> failure = Optional.empty();
      int expected = requests.size();
      for (int taken = 0; taken < expected; taken++) {
        Done each = done.take();
        if (each.failure().isPresent() && failure.isEmpty()) {
          failure = each.failure();
          // What is under way is waited for and kept: it is paid for.
          expected = Math.min(requests.size(), next.getAndSet(requests.size()));
        }
        each.answer().ifPresent(a -> sink.answered(each.index(), a));
      }
      if (failure.isPresent()) {
        threads.shutdownNow();
        throw failure.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException("interrupted while a service was asked");
    }
  }

  private Done attempt(int index, Request request) {
    try {
      return new Done(index, Optional.of(ask(request)), Optional.empty());
    } catch (RuntimeException e) {
      return new Done(index, Optional.empty(), Optional.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Done(
          index, Optional.empty(), Optional.of(new ApiException("interrupted while it waited")));
    }
  }

  /** What can't be asked shows before anything is paid for. */
  private void check(Request request) {
    switch (request) {
      case Request.Generate g -> GenerationArguments.of(g.args());
      case Request.Rolling _ ->
          throw new IllegalArgumentException(
              "%s: log-likelihoods of whole texts (wikitext and the like) can't be had over an interface; run the model here"
                  .formatted(name()));
      case Request.Loglikelihood l -> {
        if (settings.provider() != Provider.OPENAI || !settings.completions()) {
          throw new IllegalArgumentException(
              "%s: tasks of choices and log-likelihoods need log-probabilities of prompts, which a chat doesn't give. OpenAI's older completions do, where a service has them: --model-args interface=completions; else only tasks that generate can be run (gsm8k, ifeval, humaneval…)"
                  .formatted(name()));
        }
        if (l.context().isEmpty()) {
          throw new IllegalArgumentException(
              name() + ": a continuation without a context can't be scored over an interface");
        }
      }
    }
  }

  private Answer ask(Request request) throws InterruptedException {
    long tokens = CostEstimate.tokens(request);
    return switch (request) {
      case Request.Generate g -> {
        GenerationArguments arguments = GenerationArguments.of(g.args());
        Asked asked = new Asked(messages(g.context()), arguments, g.repeat());
        Reply reply =
            wire.ask(
                protocol.path(settings),
                protocol.headers(key),
                protocol.body(settings, asked),
                tokens,
                protocol::read);
        input.addAndGet(reply.input());
        output.addAndGet(reply.output());
        blocked.addAndGet(reply.blocked() ? 1 : 0);
        yield new Answer.Text(cut(reply.text(), arguments.until()));
      }
      case Request.Loglikelihood l -> {
        String text = l.context() + l.continuation();
        // As where the model runs here: blanks at a context's end belong to what follows.
        String context = l.context().stripTrailing();
        int before = context.codePointCount(0, context.length());
        yield wire.ask(
            "/completions",
            protocol.headers(key),
            EchoScores.body(settings, text),
            tokens,
            body -> {
              Answer.Score score = EchoScores.score(body, text, before);
              input.addAndGet(body.path("usage").path("prompt_tokens").asLong(0));
              return score;
            });
      }
      case Request.Rolling _ -> throw new IllegalStateException("checked before");
    };
  }

  private List<Asked.Message> messages(String context) {
    if (!conversations.contains(context)) {
      return List.of(new Asked.Message("user", context));
    }
    List<Asked.Message> messages = new ArrayList<>();
    try {
      for (JsonNode m : JsonMapper.shared().readTree(context)) {
        messages.add(
            new Asked.Message(m.path("role").asString(""), m.path("content").asString("")));
      }
    } catch (JacksonException e) {
      throw new IllegalStateException("a conversation of our own isn't JSON", e);
    }
    return messages;
  }

  /** Services take few stops and some ignore them, so all are looked for here too. */
  private static String cut(String text, List<String> stops) {
    int end = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    return text.substring(0, end);
  }

  @Override
  public void close() {
    wire.close();
  }
}
