package dev.gatehouse.webhook;

import com.adyen.model.notification.Amount;
import com.adyen.model.notification.NotificationRequestItem;
import com.adyen.util.HMACValidator;
import com.braintreegateway.BraintreeGateway;
import com.braintreegateway.Environment;
import com.braintreegateway.exceptions.InvalidSignatureException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.linecorp.bot.parser.LineSignatureValidator;
import com.slack.api.app_backend.SlackSignature;
import com.squareup.square.utilities.WebhooksHelper;
import com.twilio.security.RequestValidator;
import com.vonage.client.auth.RequestSigning;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Pair;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What the vendors' own Java libraries say of a request, each called as its documentation does it:
 * bodies as text, headers by their first value.
 */
enum VendorSdks {
  STRIPE("stripe") {
    @Override
    boolean judge(SentRequest request) throws Exception {
      return com.stripe.net.Webhook.Signature.verifyHeader(
          request.text(), request.header("Stripe-Signature"), request.secret(), 300);
    }
  },
  SLACK("slack") {
    @Override
    boolean judge(SentRequest request) {
      return new SlackSignature.Verifier(new SlackSignature.Generator(request.secret()))
          .isValid(
              request.header("X-Slack-Request-Timestamp"),
              request.text(),
              request.header("X-Slack-Signature"));
    }
  },
  STANDARD_WEBHOOKS("standard-webhooks") {
    @Override
    boolean judge(SentRequest request) throws Exception {
      new com.standardwebhooks.Webhook(request.secret()).verify(request.text(), lists(request));
      return true;
    }
  },
  SVIX("svix") {
    @Override
    boolean judge(SentRequest request) throws Exception {
      new com.svix.Webhook(request.secret()).verify(request.text(), lists(request));
      return true;
    }
  },
  TWILIO("twilio") {
    @Override
    boolean judge(SentRequest request) {
      return new RequestValidator(request.secret())
          .validate(request.url(), form(request), request.header("X-Twilio-Signature"));
    }
  },
  SQUARE("square") {
    @Override
    boolean judge(SentRequest request) {
      return WebhooksHelper.verifySignature(
          request.text(),
          request.header("x-square-hmacsha256-signature"),
          request.secret(),
          request.params().get("notification_url"));
    }
  },
  LINE("line") {
    @Override
    boolean judge(SentRequest request) {
      return new LineSignatureValidator(request.secret().getBytes(StandardCharsets.UTF_8))
          .validateSignature(request.body(), request.header("x-line-signature"));
    }
  },
  PLIVO("plivo") {
    @Override
    @SuppressWarnings("unchecked") // its varargs of maps
    boolean judge(SentRequest request) throws Exception {
      return com.plivo.api.util.Utils.validateSignatureV3(
          request.url(),
          request.header("X-Plivo-Signature-V3-Nonce"),
          request.header("X-Plivo-Signature-V3"),
          request.secret(),
          request.method(),
          form(request));
    }
  },
  BRAINTREE("braintree") {
    @Override
    boolean judge(SentRequest request) {
      Map<String, String> form = form(request);
      BraintreeGateway gateway =
          new BraintreeGateway(
              Environment.SANDBOX, "own", request.params().get("public_key"), request.secret());
      try {
        gateway.webhookNotification().parse(form.get("bt_signature"), form.get("bt_payload"));
      } catch (InvalidSignatureException | ArrayIndexOutOfBoundsException refused) {
        return false;
      } catch (RuntimeException afterTheCheck) {
        // Our payloads are no notifications of Braintree's; the signature was judged before.
        return form.containsKey("bt_signature") && form.containsKey("bt_payload");
      }
      return true;
    }
  },
  ADYEN("adyen-standard") {
    @Override
    boolean judge(SentRequest request) throws Exception {
      JsonNode batch = new JsonMapper().readTree(request.text());
      for (JsonNode item : batch.at("/notificationItems")) {
        if (!new HMACValidator()
            .validateHMAC(item(item.get("NotificationRequestItem")), request.secret())) {
          return false;
        }
      }
      return true;
    }
  },
  VONAGE("vonage-sms") {
    @Override
    boolean judge(SentRequest request) {
      // It writes every parameter and the right signature to its log.
      VONAGE_LOG.setLevel(Level.OFF);
      Map<String, String[]> form = new TreeMap<>();
      form(request).forEach((name, value) -> form.put(name, new String[] {value}));
      String type = request.header("Content-Type");
      return RequestSigning.verifyRequestSignature(
          new ByteArrayInputStream(request.body()), type, form, request.secret());
    }
  };

  // Held, since a logger that nobody holds forgets its level.
  private static final Logger VONAGE_LOG = Logger.getLogger(RequestSigning.class.getName());

  private final String scheme;

  VendorSdks(String scheme) {
    this.scheme = scheme;
  }

  /** The scheme's name in the catalogue. */
  String scheme() {
    return scheme;
  }

  /** Whether the library lets the request in; an exception is a no. */
  boolean accepts(SentRequest request) {
    try {
      return judge(request);
    } catch (Exception refused) {
      return false;
    }
  }

  abstract boolean judge(SentRequest request) throws Exception;

  /**
   * A request as it was sent.
   *
   * @param headers names and values in turn
   */
  record SentRequest(
      String scheme,
      String secret,
      Map<String, String> params,
      String method,
      String url,
      List<String> headers,
      byte[] body) {

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      for (int i = 0; i < headers.size(); i += 2) {
        if (headers.get(i).equalsIgnoreCase(name)) {
          return headers.get(i + 1);
        }
      }
      return "";
    }

    SentRequest withHeader(String name, String value) {
      List<String> changed = new ArrayList<>(headers);
      for (int i = 0; i < changed.size(); i += 2) {
        if (changed.get(i).equals(name)) {
          changed.set(i + 1, value);
        }
      }
      return new SentRequest(scheme, secret, params, method, url, changed, body);
    }

    SentRequest withOneMoreHeader(String name, String value) {
      List<String> changed = new ArrayList<>(headers);
      changed.add(name);
      changed.add(value);
      return new SentRequest(scheme, secret, params, method, url, changed, body);
    }

    SentRequest withBody(byte[] other) {
      return new SentRequest(scheme, secret, params, method, url, headers, other);
    }

    SentRequest withUrl(String other) {
      return new SentRequest(scheme, secret, params, method, other, headers, body);
    }

    WebhookRequest received() {
      return WebhookRequest.of(method, url, Headers.of(headers.toArray(String[]::new)), body);
    }
  }

  private static Map<String, List<String>> lists(SentRequest request) {
    Map<String, List<String>> lists = new LinkedHashMap<>();
    for (int i = 0; i < request.headers().size(); i += 2) {
      lists
          .computeIfAbsent(request.headers().get(i), name -> new ArrayList<>())
          .add(request.headers().get(i + 1));
    }
    return lists;
  }

  // As a servlet's getParameter does it: the first value of a name.
  private static Map<String, String> form(SentRequest request) {
    Map<String, String> form = new LinkedHashMap<>();
    if (request.text().startsWith("{")) {
      return form;
    }
    for (Pair pair : FormPairs.read(request.body()).map(FormPairs::all).orElse(List.of())) {
      form.putIfAbsent(pair.name(), pair.value());
    }
    return form;
  }

  private static NotificationRequestItem item(JsonNode json) {
    NotificationRequestItem item = new NotificationRequestItem();
    item.setPspReference(text(json, "/pspReference"));
    item.setOriginalReference(text(json, "/originalReference"));
    item.setMerchantAccountCode(text(json, "/merchantAccountCode"));
    item.setMerchantReference(text(json, "/merchantReference"));
    Amount amount = new Amount();
    amount.setValue(json.at("/amount/value").asLong());
    amount.setCurrency(text(json, "/amount/currency"));
    item.setAmount(amount);
    item.setEventCode(text(json, "/eventCode"));
    item.setSuccess(json.at("/success").asBoolean());
    item.setAdditionalData(
        Map.of("hmacSignature", json.at("/additionalData/hmacSignature").asText()));
    return item;
  }

  private static String text(JsonNode json, String pointer) {
    JsonNode node = json.at(pointer);
    return node.isMissingNode() || node.isNull() ? null : node.asText();
  }
}
