package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.AnswerTemplate;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the handshakes of one source and makes their answers, which never hold a value outside
 * its alphabet, nor a signature over what the source would accept as a delivery.
 */
final class Handshakes {
  private static final Header NO_SNIFF = new Header("X-Content-Type-Options", "nosniff");
  private static final Header NO_STORE = new Header("Cache-Control", "no-store");

  private final Scheme scheme;
  private final Map<String, String> params;
  private final List<Handshake> unsigned;
  private final List<Handshake> signed;
  private final List<Handshake> signing;
  private final Set<String> ownMethods;

  /**
   * The handshakes of a source.
   *
   * @param confirms whether those that are confirmed by a call are answered; where they are not,
   *     they are deliveries like all others
   */
  Handshakes(Scheme scheme, Map<String, String> params, boolean confirms) {
    List<Handshake> all =
        scheme.handshakes().stream().filter(h -> confirms || h.confirm() == null).toList();
    this.scheme = scheme;
    this.params = params;
    this.unsigned = all.stream().filter(h -> !h.signed()).toList();
    this.signed = all.stream().filter(Handshake::signed).toList();
    this.signing = all.stream().filter(Handshake::signsEcho).toList();
    this.ownMethods =
        all.stream()
            .map(Handshake::method)
            .filter(method -> !scheme.methods().contains(method))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The methods with which only handshakes come. */
  Set<String> ownMethods() {
    return ownMethods;
  }

  /** Whether a verified body may turn out to be one. */
  boolean areSigned() {
    return !signed.isEmpty();
  }

  /** The JSON pointers that signed handshakes read. */
  Set<String> pointers() {
    Set<String> pointers = new LinkedHashSet<>();
    for (Handshake handshake : signed) {
      pointers.addAll(handshake.told().json().keySet());
      handshake
          .reads()
          .filter(source -> source.kind() == ValueSource.Kind.JSON)
          .forEach(source -> pointers.add(source.name()));
    }
    return pointers;
  }

  /** The answer to an unsigned handshake, its refusal, or null if the request is none. */
  @Nullable Verification unsigned(RequestHead head, List<KeyRing.Entry<VerifyingKey>> keys) {
    if (unsigned.isEmpty()) {
      return null;
    }
    Values values = new Values(head, Map.of());
    for (Handshake handshake : unsigned) {
      if (isTold(handshake, values)) {
        return answer(handshake, values, firstValid(handshake, head, keys));
      }
    }
    boolean mayStillBe = signed.stream().anyMatch(h -> h.method().equals(head.method()));
    return mayStillBe ? null : notADelivery(head);
  }

  /** The answer to a handshake whose signature was right, its refusal, or null if it is none. */
  @Nullable Verification signed(
      RequestHead head, Map<String, String> json, KeyRing.Entry<VerifyingKey> key) {
    Values values = new Values(head, json);
    for (Handshake handshake : signed) {
      if (isTold(handshake, values)) {
        return answer(handshake, values, key);
      }
    }
    return notADelivery(head);
  }

  // A GET with a signature over nothing is no delivery where deliveries are posted.
  private @Nullable Verification notADelivery(RequestHead head) {
    return ownMethods.contains(head.method()) ? refused() : null;
  }

  /**
   * Whether what was signed is a value that a handshake of this source would sign for a stranger:
   * its signature then proves nothing.
   */
  boolean mayHaveSigned(MatchedSignature matched, byte[] body) {
    ContentTemplate template = matched.content().template();
    if (signing.isEmpty() || template == null) {
      return false;
    }
    VerifyingKey.Joined content = new VerifyingKey.Joined();
    template.feedAll(matched.parts(), matched.urlForm(), body, content);
    String text = content.toString(StandardCharsets.ISO_8859_1);
    return signing.stream()
        .flatMap(handshake -> Optional.ofNullable(handshake.echo()).stream())
        .anyMatch(echo -> echo.allows(text));
  }

  private static Verification refused() {
    return Verification.rejected(RejectReason.HANDSHAKE_REFUSED);
  }

  private static boolean isTold(Handshake handshake, Values values) {
    Handshake.Told told = handshake.told();
    return handshake.method().equals(values.head().method())
        && told.query().entrySet().stream()
            .allMatch(e -> values.hasInQuery(e.getKey(), e.getValue()))
        && told.headers().entrySet().stream()
            .allMatch(e -> e.getValue().equals(values.header(e.getKey())))
        && told.json().entrySet().stream()
            .allMatch(e -> e.getValue().equals(values.json().get(e.getKey())))
        && told.present().stream().allMatch(values::isPresent)
        && told.absent().stream().noneMatch(values::isPresent);
  }

  private Verification answer(
      Handshake handshake, Values values, KeyRing.@Nullable Entry<VerifyingKey> key) {
    boolean enabled =
        handshake.enabledBy().isEmpty() || "true".equals(params.get(handshake.enabledBy()));
    if (!enabled || !values.areUnambiguous(handshake) || !passes(handshake.compare(), values)) {
      return refused();
    }
    Handshake.Echo echo = handshake.echo();
    String echoed = echo == null ? "" : values.only(echo.in());
    if (echoed == null || (echo != null && !echo.allows(echoed))) {
      return refused();
    }
    Handshake.Confirm confirm = handshake.confirm();
    URI confirmation = confirm == null ? null : confirmation(confirm, values);
    if (confirm != null && confirmation == null) {
      return refused();
    }
    return respond(handshake, echoed, key, confirmation);
  }

  private @Nullable URI confirmation(Handshake.Confirm confirm, Values values) {
    String url = values.only(confirm.in());
    if (url == null || !passes(confirm.only(), values)) {
      return null;
    }
    return confirm.allowed(url).orElse(null);
  }

  private boolean passes(Handshake.@Nullable Compare compare, Values values) {
    return compare == null
        || compare.allows(values.only(compare.in()), params.getOrDefault(compare.param(), ""));
  }

  private Verification respond(
      Handshake handshake,
      String echoed,
      KeyRing.@Nullable Entry<VerifyingKey> key,
      @Nullable URI confirmation) {
    Handshake.Answer answer = handshake.answer();
    Optional<String> body = answer.body().fill(echoed, params::get, mac -> mac(mac, echoed, key));
    if (body.isEmpty()) {
      return refused();
    }
    List<Header> headers = new ArrayList<>();
    if (!answer.contentType().isEmpty()) {
      headers.add(new Header("Content-Type", answer.contentType()));
    }
    answer
        .headers()
        .forEach(
            (name, template) ->
                template
                    .fill(echoed, params::get, mac -> mac(mac, echoed, key))
                    .ifPresent(value -> headers.add(new Header(name, value))));
    headers.add(NO_SNIFF);
    headers.add(NO_STORE);
    return new Verification.Handshake(
        handshake.name(),
        answer.status(),
        headers,
        body.get(),
        key == null ? null : key.id(),
        confirmation);
  }

  private @Nullable String mac(
      AnswerTemplate.Mac mac, String echoed, KeyRing.@Nullable Entry<VerifyingKey> key) {
    int acceptance = key == null ? -1 : acceptance(mac, key.key());
    byte[] made =
        key == null || acceptance < 0
            ? null
            : key.key().hmac(acceptance, echoed.getBytes(StandardCharsets.US_ASCII));
    return made == null ? null : mac.encoding().encode(made);
  }

  private int acceptance(AnswerTemplate.Mac mac, VerifyingKey key) {
    List<Acceptance> accepts = scheme.accepts();
    for (int i = 0; i < accepts.size(); i++) {
      if (accepts.get(i).algorithm() == mac.algorithm() && key.hasMac(i)) {
        return i;
      }
    }
    return -1;
  }

  // Nothing in such a request names a key; the first that is valid is the one in use.
  private KeyRing.@Nullable Entry<VerifyingKey> firstValid(
      Handshake handshake, RequestHead head, List<KeyRing.Entry<VerifyingKey>> keys) {
    if (!handshake.signsEcho()) {
      return null;
    }
    return keys.stream().filter(key -> key.isValidAt(head.now())).findFirst().orElse(null);
  }

  /** What a request says, as far as it says it once. */
  private record Values(RequestHead head, Map<String, String> json) {
    @Nullable String header(String name) {
      String value = head.headers().only(name, AMBIGUOUS);
      return AMBIGUOUS.equals(value) ? null : value;
    }

    boolean hasInQuery(String name, String value) {
      return inQuery(name).contains(value);
    }

    private List<String> inQuery(String name) {
      return FormPairs.ofQuery(head.url()).map(query -> query.all(name)).orElse(List.of());
    }

    boolean isPresent(ValueSource source) {
      return switch (source.kind()) {
        case QUERY -> !inQuery(source.name()).isEmpty();
        case HEADER -> head.headers().first(source.name()) != null;
        case JSON -> json.containsKey(source.name());
        default -> false;
      };
    }

    @Nullable String only(ValueSource source) {
      return switch (source.kind()) {
        case QUERY -> {
          List<String> all = inQuery(source.name());
          yield all.size() == 1 ? all.get(0) : null;
        }
        case HEADER -> header(source.name());
        case JSON -> json.get(source.name());
        default -> null;
      };
    }

    // What comes twice may be read otherwise by whoever stands before us, even if it is the same.
    boolean areUnambiguous(Handshake handshake) {
      return handshake.told().query().keySet().stream().allMatch(name -> inQuery(name).size() == 1);
    }
  }
}
