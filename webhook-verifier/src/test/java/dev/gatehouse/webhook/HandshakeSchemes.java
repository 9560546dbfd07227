package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.List;
import java.util.Map;

/** One scheme for each kind of handshake: signed like X, shaken like the provider it stands for. */
final class HandshakeSchemes {
  private static final String SIGNED =
      """
      name: own
      signature:
        in: header:X-Own-Signature
        accept:
          - { prefix: "sha256=", algorithm: hmac-sha256, encoding: hex, key: { form: text } }
          - { prefix: "sha1=", algorithm: hmac-sha1, encoding: hex, key: { form: text } }
      content: "{body}"
      params:
        public_key: { description: "the public key" }
        allowed_origins: { description: "the origins" }
        allowed_rate: { description: "the rate" }
        echo_hook_secret: { description: "true while a webhook is being made" }
        topic_arns: { description: "the topics" }
        verify_token: { description: "the token", secret: true }
      handshakes:
      """;

  static final String CRC =
      """
        - name: crc
          method: GET
          present: ["query:crc_token"]
          signed: false
          open: true
          echo: { in: "query:crc_token", alphabet: base64, maxLength: 128 }
          answer:
            contentType: application/json
            body: '{"response_token":"sha256={hmac-sha256-base64}"}'
      """;

  static final String BRAINTREE =
      """
        - name: challenge
          method: GET
          present: ["query:bt_challenge"]
          signed: false
          open: true
          echo: { in: "query:bt_challenge", alphabet: lower-hex, minLength: 20, maxLength: 32 }
          answer: { contentType: text/plain, body: "{param.public_key}|{hmac-sha1-hex}" }
      """;

  static final String ECHO =
      """
        - name: challenge
          method: GET
          present: ["query:challenge"]
          signed: false
          open: true
          echo: { in: "query:challenge", alphabet: base64, maxLength: 128 }
          answer: { contentType: "text/plain; charset=utf-8", body: "{echo}" }
      """;

  static final String GRAPH =
      """
        - name: validation_token
          method: POST
          present: ["query:validationToken"]
          signed: false
          open: true
          echo: { in: "query:validationToken", alphabet: words, maxLength: 512 }
          answer: { contentType: "text/plain; charset=utf-8", body: "{echo}" }
      """;

  static final String OKTA =
      """
        - name: verification
          method: GET
          present: ["header:x-okta-verification-challenge"]
          signed: false
          open: true
          echo: { in: "header:x-okta-verification-challenge", alphabet: base64, maxLength: 128 }
          answer: { contentType: application/json, body: '{"verification":"{echo}"}' }
      """;

  static final String TWITCH =
      """
        - name: callback_verification
          headers: { X-Message-Type: webhook_callback_verification }
          signed: true
          echo: { in: "json:/challenge", alphabet: unreserved, maxLength: 128 }
          answer: { contentType: text/plain, body: "{echo}" }
      """;

  static final String AZURE =
      """
        - name: subscription_validation
          headers: { aeg-event-type: SubscriptionValidation }
          json: { /0/eventType: Microsoft.EventGrid.SubscriptionValidationEvent }
          present: ["json:/0/data/validationCode"]
          absent: ["json:/1/eventType"]
          echo: { in: "json:/0/data/validationCode", alphabet: unreserved, maxLength: 128 }
          answer: { contentType: application/json, body: '{"validationResponse":"{echo}"}' }
      """;

  static final String CLOUDEVENTS =
      """
        - name: origin
          method: OPTIONS
          present: ["header:WebHook-Request-Origin"]
          signed: false
          compare: { in: "header:WebHook-Request-Origin", param: allowed_origins, list: true }
          echo: { in: "header:WebHook-Request-Origin", alphabet: host, maxLength: 253 }
          answer:
            headers:
              Allow: "POST, OPTIONS"
              WebHook-Allowed-Origin: "{echo}"
              WebHook-Allowed-Rate: "{param.allowed_rate}"
      """;

  static final String ASANA =
      """
        - name: hook_secret
          present: ["header:X-Hook-Secret"]
          signed: false
          enabledBy: echo_hook_secret
          echo: { in: "header:X-Hook-Secret", alphabet: base64, minLength: 16, maxLength: 128 }
          answer: { status: 204, headers: { X-Hook-Secret: "{echo}" } }
      """;

  static final String HEAD =
      """
        - { name: url_check, method: HEAD, signed: false, answer: { status: 200 } }
      """;

  static final String GET =
      """
        - { name: url_check, method: GET, signed: false, answer: { status: 200 } }
      """;

  static final String XERO =
      """
        - name: intent_to_receive
          json: { /firstEventSequence: "0", /lastEventSequence: "0" }
          absent: ["json:/events/0/resourceId"]
          answer: { status: 200 }
      """;

  static final String SNS =
      """
        - name: subscription_confirmation
          json: { /Type: SubscriptionConfirmation }
          confirm:
            in: "json:/SubscribeURL"
            hosts: ["sns.*.example.com"]
            port: 443
            query: { Action: ConfirmSubscription }
            only: { in: "json:/TopicArn", param: topic_arns, list: true }
          answer: { status: 200 }
      """;

  private HandshakeSchemes() {}

  /** A scheme with these handshakes. */
  static Scheme with(String... handshakes) {
    return Schemes.parse(SIGNED + String.join("", handshakes));
  }

  /** The text of a scheme with these handshakes. */
  static String text(String... handshakes) {
    return SIGNED + String.join("", handshakes);
  }

  /** A verifier of such a scheme under {@link Hook#SECRET}, with these params in turn. */
  static WebhookVerifier verifier(Scheme scheme, String... params) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme).secrets(Requests.secrets(Hook.SECRET)).clock(Hook.CLOCK);
    for (int i = 0; i < params.length; i += 2) {
      builder.param(params[i], params[i + 1]);
    }
    return builder.build();
  }

  /** The signature of a body, as {@code X-Own-Signature} carries it. */
  static String signature(String body) {
    List<Header> headers =
        WebhookSigner.create(
                with(HEAD), List.of(Secret.of("k1", Hook.SECRET)), Map.of("public_key", "p"))
            .sign(new Outgoing("POST", "", Headers.of(), Hook.bytes(body), "", Hook.NOW));
    return headers.get(0).value();
  }

  /** A POST of that body, signed, with more header lines. */
  static String post(String target, String body, String... lines) {
    return unsigned(
        "POST", target, body, "X-Own-Signature: " + signature(body), String.join("\r\n", lines));
  }

  static String unsigned(String method, String target, String body, String... lines) {
    StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: h\r\n");
    for (String line : lines) {
      request.append(line.isEmpty() ? "" : line + "\r\n");
    }
    if (!body.isEmpty() || method.equals("POST")) {
      request.append("Content-Length: ").append(Hook.bytes(body).length).append("\r\n");
    }
    return request.append("\r\n").append(body).toString();
  }
}
