package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.HeaderList;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.RequestPart;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeKey;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests of schemes that are judged over the whole of them. What is signed is what {@link
 * WholeRequest} reads from the request, and nothing leaves that the verifier would refuse.
 */
final class WholeSigning {
  private final Scheme scheme;
  private final Scheme bound;
  private final List<SigningKey> keys;
  private final Secret[] verifying;
  private final Map<String, String> params;

  private WholeSigning(
      Scheme scheme,
      Scheme bound,
      List<SigningKey> keys,
      Secret[] verifying,
      Map<String, String> params) {
    this.scheme = scheme;
    this.bound = bound;
    this.keys = keys;
    this.verifying = verifying;
    this.params = params;
  }

  static WholeSigning create(Scheme scheme, List<Secret> secrets, Map<String, String> params) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("no secret: give at least one to sign with");
    }
    Scheme bound = scheme.with(params);
    List<SigningKey> keys = new ArrayList<>();
    List<Secret> verifying = new ArrayList<>();
    for (Secret secret : secrets) {
      SigningKey key = key(bound, secret);
      keys.add(key);
      verifying.add(verifying(key, secret));
    }
    // What verifies here is the key's own other half, not what a receiver was configured with.
    Map<String, String> own = new TreeMap<>(params);
    own.keySet().removeAll(List.of("certificate", "jwks"));
    WholeSigning signing =
        new WholeSigning(scheme, bound, List.copyOf(keys), verifying.toArray(Secret[]::new), own);
    signing.verifier(Instant.EPOCH);
    return signing;
  }

  private static SigningKey key(Scheme scheme, Secret secret) {
    String text = secret.revealText();
    List<Acceptance> usable =
        scheme.accepts().stream().filter(a -> a.key().claimsForSigning(text)).toList();
    if (usable.isEmpty()) {
      usable = scheme.accepts().stream().filter(a -> takes(a, text)).toList();
    }
    if (usable.isEmpty()) {
      throw new IllegalArgumentException(
          "secret '" + secret.id() + "' cannot sign for scheme " + scheme.name());
    }
    Acceptance acceptance =
        usable.stream().filter(a -> !a.algorithm().isWeak()).findFirst().orElse(usable.get(0));
    return new SigningKey(
        secret.id(), acceptance, SchemeKey.forSigning(scheme, acceptance, secret));
  }

  private static boolean takes(Acceptance acceptance, String text) {
    return acceptance.algorithm().isPublicKey()
        ? acceptance.key().signingPrefix().isEmpty()
        : acceptance.key().claims(text) || !acceptance.key().prefixRequired();
  }

  private static Secret verifying(SigningKey key, Secret secret) {
    if (!(key.key() instanceof SchemeKey.Private privateKey)) {
      return secret;
    }
    byte[] der = PublicHalf.of(privateKey.reveal()).getEncoded();
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String pem = "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
    return Secret.of(secret.id(), key.acceptance().key().prefix() + pem);
  }

  private WebhookVerifier verifier(Instant now) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(verifying))
            .clock(InstantSource.fixed(now));
    params.forEach(builder::param);
    return builder.build();
  }

  /**
   * The signed request.
   *
   * @throws IllegalArgumentException if no such request could be verified; the message says why
   */
  WebhookRequest sign(Outgoing request) {
    RequestDraft draft = new RequestDraft(request);
    Scheme.Variant variant = variantFor(draft);
    ValueSource place = variant.places().get(0).in();
    int items = draft.items(place.itemsOf());
    Map<String, String> elements = new LinkedHashMap<>();
    bound.requirements().forEach(r -> put(draft, header(r.header()), r.value()));
    name(draft, items);
    time(draft, variant, request, elements);
    ids(draft, variant, request);
    headerList(draft, elements);
    // Until it is known what is signed, signatures of nothing hold the places.
    for (int i = 0; i < items; i++) {
      draft.put(place, i, text(variant, elements, new byte[0]));
    }
    WebhookVerifier verifier = verifier(request.time());
    WholeRequest.Signable signable = verifier.signable(draft.request());
    if (signable.flaw() != null) {
      throw refused(signable.flaw());
    }
    for (int i = 0; i < signable.contents().size(); i++) {
      draft.put(place, i, text(variant, elements, signable.contents().get(i)));
    }
    WebhookRequest signed = draft.request();
    if (verifier.verify(signed) instanceof Verification.Rejected rejected) {
      throw refused(rejected.reason());
    }
    return signed;
  }

  // A form is for the layout that reads forms, everything else for the first of the others.
  private Scheme.Variant variantFor(RequestDraft draft) {
    List<Scheme.Variant> variants = bound.variants();
    return variants.stream()
        .filter(
            variant ->
                switch (variant.places().get(0).in().kind()) {
                  case FORM -> draft.isForm();
                  case JSON -> !draft.isForm();
                  default -> true;
                })
        .findFirst()
        .orElse(variants.get(0));
  }

  private void put(RequestDraft draft, ValueSource source, String value) {
    draft.put(source, 0, value);
  }

  private static ValueSource header(String name) {
    return new ValueSource(ValueSource.Kind.HEADER, name);
  }

  private static boolean lacks(RequestDraft draft, ValueSource source) {
    List<String> pointers =
        source.kind() == ValueSource.Kind.JSON ? List.of(source.name()) : List.of();
    String there = new RequestValues(draft.request(), pointers).value(source, null, 0);
    return there == null || there.isBlank();
  }

  // --- what stands beside the signature

  private void name(RequestDraft draft, int items) {
    ValueSource algorithmIn = bound.reading().algorithmIn();
    String chosen = keys.get(0).acceptance().chosen();
    for (int i = 0; algorithmIn != null && i < items; i++) {
      draft.put(algorithmIn, i, chosen);
    }
    if (bound.keys() instanceof KeyLocation.Certificate at && lacks(draft, at.in())) {
      // Whoever verifies this has the key at hand: nothing is served there.
      String url = "https://" + at.hosts().get(0) + at.paths().get(0);
      put(draft, at.in(), url.replace("*", "gatehouse-test"));
    }
  }

  private void time(
      RequestDraft draft, Scheme.Variant variant, Outgoing request, Map<String, String> elements) {
    TimeRule rule = variant.time();
    if (rule == null) {
      return;
    }
    String text = rule.unit().format(request.time());
    if (rule.in().kind() == ValueSource.Kind.ELEMENT) {
      elements.put(rule.in().name(), text);
    } else {
      put(draft, rule.in(), text);
    }
  }

  private void ids(RequestDraft draft, Scheme.Variant variant, Outgoing request) {
    boolean none = variant.ids().stream().allMatch(source -> lacks(draft, source));
    List<ValueSource> missing = none ? variant.ids().stream().limit(1).toList() : List.of();
    for (ValueSource source : missing) {
      if (source.kind() == ValueSource.Kind.HEADER || isSigned(source)) {
        put(draft, source, request.id());
      }
    }
    for (RequestPart part : worked()) {
      ValueSource attempt = attempt(part);
      if (attempt != null && lacks(draft, attempt)) {
        put(draft, attempt, request.id());
      }
    }
  }

  private static @Nullable ValueSource attempt(RequestPart part) {
    return switch (part.kind()) {
      case ATTEMPT -> header(part.argument());
      case FIELDS ->
          part.argument().isEmpty()
              ? null
              : new ValueSource(ValueSource.Kind.FIELD, part.argument());
      default -> null;
    };
  }

  private boolean isSigned(ValueSource id) {
    return templates().stream().anyMatch(ContentTemplate::signsId)
        || worked().stream().anyMatch(part -> part.pointers().contains(id.name()));
  }

  private List<ContentTemplate> templates() {
    List<ContentTemplate> templates = new ArrayList<>();
    for (Scheme.Content content : bound.contents()) {
      if (content.template() != null) {
        templates.add(content.template());
      }
    }
    return templates;
  }

  private List<RequestPart> worked() {
    return templates().stream().flatMap(template -> template.worked().stream()).toList();
  }

  // A list must name a header; every sender has a content type.
  private void headerList(RequestDraft draft, Map<String, String> elements) {
    HeaderList list = bound.reading().headerList();
    if (list == null) {
      return;
    }
    List<String> names = list.required().isEmpty() ? List.of("content-type") : list.required();
    if (names.contains("content-type") && !draft.hasHeader("content-type")) {
      put(draft, header("Content-Type"), "application/json");
    }
    String text = String.join(list.separator(), names);
    if (list.in().kind() == ValueSource.Kind.ELEMENT) {
      elements.put(list.in().name(), text);
    } else if (lacks(draft, list.in())) {
      put(draft, list.in(), text);
    }
  }

  // --- the signature's text

  private String text(Scheme.Variant variant, Map<String, String> elements, byte[] content) {
    Grammar grammar = bound.grammar();
    String prefix = variant.places().get(0).prefix();
    if (grammar.kind() == Grammar.Kind.BARE) {
      return prefix + keys.get(0).text(content, "");
    }
    List<String> entries = new ArrayList<>();
    boolean labelled = grammar.kind() == Grammar.Kind.ENTRIES;
    elements.forEach(
        (name, value) -> entries.add(labelled ? name + grammar.assign() + value : value));
    for (SigningKey key : keys) {
      entries.add(key.text(content, labelled ? grammar.assign() : ""));
    }
    return prefix + String.join(grammar.separator(), entries);
  }

  private IllegalArgumentException refused(RejectReason reason) {
    String signed =
        templates().stream().map(ContentTemplate::toString).collect(Collectors.joining(" or "));
    return new IllegalArgumentException(
        "the request cannot be signed for scheme "
            + bound.name()
            + ": its verifier would answer "
            + reason.code()
            + (signed.isEmpty() ? "" : "; what is signed is " + signed));
  }
}
