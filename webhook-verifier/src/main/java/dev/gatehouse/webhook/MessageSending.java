package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.rfc9421.ContentDigest;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.MessageSigner;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Signs requests by HTTP message signatures, covering what a scheme requires and no more. */
final class MessageSending {
  private static final String CONTENT_DIGEST = "Content-Digest";
  private static final int MAX_SIGNATURES = 4;

  private final Scheme scheme;
  private final MessageRule rule;
  private final List<MessageKey> keys;
  private final List<String> keyIds;

  private MessageSending(
      Scheme scheme, MessageRule rule, List<MessageKey> keys, List<String> keyIds) {
    this.scheme = scheme;
    this.rule = rule;
    this.keys = keys;
    this.keyIds = keyIds;
  }

  static MessageSending create(
      Scheme scheme, MessageRule unbound, List<Secret> secrets, Map<String, String> params) {
    MessageRule rule = unbound.with(params);
    List<MessageKey> keys = new ArrayList<>();
    for (Secret secret : secrets) {
      try {
        keys.add(
            MessageKey.forSigning(
                secret.revealText(), rule.secrets(), rule.onlyAlgorithm().orElse(null)));
      } catch (IllegalArgumentException e) {
        throw MessagePolicy.refused(secret, scheme, e);
      }
    }
    return new MessageSending(scheme, rule, keys, MessagePolicy.keyIds(params));
  }

  List<Header> sign(Outgoing request) {
    if (request.url().isEmpty()) {
      throw new IllegalArgumentException(
          "url: scheme " + scheme.name() + " signs the URL to which the request goes; give it");
    }
    List<SignatureComponent> components = new ArrayList<>(rule.required());
    List<Field> added = new ArrayList<>();
    boolean digests = components.stream().anyMatch(c -> c.name().equals("content-digest"));
    if (digests && request.headers().first(CONTENT_DIGEST) == null) {
      added.add(new Field(CONTENT_DIGEST, ContentDigest.write(components, request.body())));
    }
    String nonce = "";
    for (ValueSource id : scheme.variants().get(0).ids().stream().limit(1).toList()) {
      if (id.kind() == ValueSource.Kind.ELEMENT) {
        nonce = request.id();
      } else if (id.kind() == ValueSource.Kind.HEADER) {
        added.add(new Field(id.name(), request.id()));
        cover(components, id.name());
      }
    }
    return signed(request, added, components, nonce);
  }

  private static void cover(List<SignatureComponent> components, String header) {
    SignatureComponent component = SignatureComponent.of(header.toLowerCase(java.util.Locale.ROOT));
    if (!components.contains(component)) {
      components.add(component);
    }
  }

  private List<Header> signed(
      Outgoing request, List<Field> added, List<SignatureComponent> components, String nonce) {
    List<Field> own =
        request.headers().all().stream().map(h -> new Field(h.name(), h.value())).toList();
    HttpMessage message = HttpMessage.request(request.method(), request.url(), own).with(added);
    Map<String, String> headers = new LinkedHashMap<>();
    added.forEach(field -> headers.put(field.name(), field.value()));
    // A receiver that chose a label sees one signature only.
    int signatures = rule.label().isEmpty() ? Math.min(keys.size(), MAX_SIGNATURES) : 1;
    for (int i = 0; i < signatures; i++) {
      String label = rule.label().isEmpty() ? "sig" + (i + 1) : rule.label();
      MessageSigner signer =
          MessageSigner.create(label, keys.get(i), components)
              .time("created", request.time().getEpochSecond())
              .text("keyid", i < keyIds.size() ? keyIds.get(i) : "")
              .text("nonce", nonce)
              .text("tag", rule.tag());
      rule.structuredFields().forEach(signer::structuredField);
      for (Field field : sign(signer, message)) {
        headers.merge(field.name(), field.value(), (first, next) -> first + ", " + next);
      }
    }
    return headers.entrySet().stream().map(e -> new Header(e.getKey(), e.getValue())).toList();
  }

  // What is derived comes from the request's URL, and all else is a header.
  private static List<Field> sign(MessageSigner signer, HttpMessage message) {
    try {
      return signer.sign(message);
    } catch (IllegalArgumentException e) {
      String what = String.valueOf(e.getMessage());
      String where = what.matches("the covered component \"?@.*") ? "url: " : "headers: ";
      throw new IllegalArgumentException(where + what, e);
    }
  }
}
