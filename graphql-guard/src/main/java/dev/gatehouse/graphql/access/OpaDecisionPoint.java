package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Decision;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks an Open Policy Agent over HTTP: one call for all policies of an operation, within a time,
 * and none at all for a while after several have failed.
 *
 * <p>It posts {@code {"input":{"policies":["may-report"],"subject":{"id":"…","kind":"user",
 * "tenant":"acme","scopes":[…],"claims":{…}},"operation":{"kind":"query","name":"…",
 * "variables":{…}}}}} to a document of the data API, and expects {@code
 * {"result":{"may-report":true}}}; what is not the literal true there is a denial. Nobody in
 * particular is {@code "subject":null}. Without variables in the question ({@link
 * Builder#withVariables}), a kept decision holds for all of them.
 *
 * <p>Source: Open Policy Agent, REST API, "Get a Document (with Input)".
 */
public final class OpaDecisionPoint implements PolicyDecisionPoint {
  private static final int MAX_ANSWER = 1 << 20;

  private final HttpClient client;
  private final Vertx vertx;
  private final RequestOptions request;
  private final boolean hasVariables;
  private final long timeoutMillis;
  private final OpaCircuit circuit;

  private OpaDecisionPoint(Builder builder) {
    this.vertx = builder.vertx;
    this.client = builder.vertx.createHttpClient();
    this.hasVariables = builder.hasVariables;
    this.timeoutMillis = builder.timeout.toMillis();
    this.circuit = new OpaCircuit(builder.failures, builder.rest, builder.clock);
    this.request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(builder.document.toString())
            .setConnectTimeout(timeoutMillis)
            .putHeader("content-type", "application/json");
    if (builder.token != null) {
      request.putHeader("authorization", "Bearer " + builder.token);
    }
  }

  /**
   * Begins.
   *
   * @param document such as {@code http://127.0.0.1:8181/v1/data/gatehouse/graphql}
   */
  public static Builder builder(Vertx vertx, URI document) {
    return new Builder(vertx, document);
  }

  @Override
  public Future<Map<String, Decision>> decide(PolicyQuestion question) {
    if (!circuit.lets()) {
      return Future.failedFuture("policies are not asked for a while: too many calls failed");
    }
    Buffer body = new JsonObject().put("input", input(question)).toBuffer();
    return within(
            client
                .request(new RequestOptions(request))
                // where the answer comes: a listener of this thread could come after its end
                .compose(call -> call.send(body).compose(this::answer)))
        .map(result -> decisions(question, result))
        .onComplete(done -> circuit.ended(done.succeeded()));
  }

  private <T> Future<T> within(Future<T> call) {
    Promise<T> answer = Promise.promise();
    long timer =
        vertx.setTimer(timeoutMillis, id -> answer.tryFail("policies did not answer in time"));
    call.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            answer.tryComplete(done.result());
          } else {
            answer.tryFail(done.cause());
          }
        });
    return answer.future();
  }

  private Future<JsonObject> answer(HttpClientResponse response) {
    if (response.statusCode() != 200) {
      response.request().reset();
      return Future.failedFuture("policies answered with status " + response.statusCode());
    }
    Promise<JsonObject> answer = Promise.promise();
    Buffer all = Buffer.buffer();
    response.exceptionHandler(answer::tryFail);
    response.handler(
        chunk -> {
          if (all.length() + chunk.length() > MAX_ANSWER) {
            response.request().reset();
            answer.tryFail("policies answered with too much");
          } else {
            all.appendBuffer(chunk);
          }
        });
    response.endHandler(end -> parsed(all, answer));
    return answer.future();
  }

  private static void parsed(Buffer all, Promise<JsonObject> answer) {
    try {
      Object result = new JsonObject(all).getValue("result");
      if (result instanceof JsonObject object) {
        answer.tryComplete(object);
      } else {
        answer.tryFail("policies are not defined");
      }
    } catch (DecodeException e) {
      answer.tryFail("policies answered with no JSON");
    }
  }

  private static Map<String, Decision> decisions(PolicyQuestion question, JsonObject result) {
    Map<String, Decision> decided = new HashMap<>();
    for (String policy : question.policies()) {
      boolean isAllowed = Boolean.TRUE.equals(result.getValue(policy));
      decided.put(
          policy, isAllowed ? Decision.allow() : Decision.deny("policy", "a policy says no"));
    }
    return decided;
  }

  private JsonObject input(PolicyQuestion question) {
    JsonObject operation =
        new JsonObject()
            .put("kind", question.operationKind())
            .put("name", question.operationName());
    if (hasVariables) {
      operation.put("variables", json(question.variables()));
    }
    return new JsonObject()
        .put("policies", new JsonArray(question.policies().stream().sorted().toList()))
        .put("subject", subject(question))
        .put("operation", operation);
  }

  private static @Nullable JsonObject subject(PolicyQuestion question) {
    if (!question.isAuthenticated()) {
      return null;
    }
    return new JsonObject()
        .put("id", question.id().orElse(null))
        .put("kind", question.kind().map(OpaDecisionPoint::lower).orElse(null))
        .put("tenant", question.tenant().map(tenant -> tenant.value()).orElse(null))
        .put("scopes", new JsonArray(question.scopes().stream().sorted().toList()))
        .put("claims", json(question.claims()));
  }

  private static String lower(Enum<?> constant) {
    return dev.gatehouse.core.StrictJson.nameOf(constant);
  }

  private static JsonObject json(Map<String, ?> map) {
    JsonObject json = new JsonObject();
    map.forEach((key, value) -> json.put(key, plain(value)));
    return json;
  }

  // a scalar of the application's own goes as its text
  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      JsonObject json = new JsonObject();
      map.forEach((key, each) -> json.put(String.valueOf(key), plain(each)));
      return json;
    }
    if (value instanceof Iterable<?> many) {
      JsonArray json = new JsonArray();
      many.forEach(each -> json.add(plain(each)));
      return json;
    }
    boolean isJson = value == null || value instanceof Number || value instanceof Boolean;
    return isJson ? value : String.valueOf(value);
  }

  /** Closes its connections. */
  public Future<Void> close() {
    return client.close();
  }

  /** Collects how the agent is asked. */
  public static final class Builder {
    private final Vertx vertx;
    private final URI document;
    private Duration timeout = Duration.ofSeconds(1);
    private int failures = 5;
    private Duration rest = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();
    private boolean hasVariables;
    private @Nullable String token;

    private Builder(Vertx vertx, URI document) {
      this.vertx = vertx;
      this.document = document;
    }

    /** How long one call may take. Default one second. */
    public Builder timeout(Duration value) {
      timeout = value;
      return this;
    }

    /** After how many failures on end the agent is left alone, and for how long. */
    public Builder circuit(int failuresOnEnd, Duration restFor) {
      failures = failuresOnEnd;
      rest = restFor;
      return this;
    }

    /** The clock by which it rests. */
    public Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /** Sends the operation's variables too. */
    public Builder withVariables() {
      hasVariables = true;
      return this;
    }

    /** A bearer token that the agent wants. */
    public Builder token(String value) {
      token = value;
      return this;
    }

    /** The decision point. */
    public OpaDecisionPoint build() {
      return new OpaDecisionPoint(this);
    }
  }
}
