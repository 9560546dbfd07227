package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.RequestPart;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.SignedParts;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Any text as a content template and as a scheme: read as it says, or refused with a reason. */
final class SchemeFuzzTest {
  private static final byte[] BODY = {'b', '1'};
  private static final SignedParts.Worked WORKED =
      new SignedParts.Worked(new byte[] {'w'}, new byte[] {'v'});

  @FuzzTest(maxDuration = "10m")
  void template_anyText_isReadAsItSaysOrRefused(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    ContentTemplate template;
    try {
      template = ContentTemplate.parse(text);
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }
    assertThat(template.toString()).isEqualTo(text);
    Map<String, String> params = new HashMap<>();
    template.params().forEach(name -> params.put(name, "p"));
    Map<String, String> headers = new HashMap<>();
    template.headers().forEach(name -> headers.put(name, "h"));
    SignedParts parts =
        new SignedParts("POST", List.of("u"), "t", "i", headers, params, new byte[] {'f'})
            .withWorked(
                template.worked().stream()
                    .collect(
                        Collectors.toMap(RequestPart::name, part -> WORKED, (one, same) -> same)));
    VerifyingKey.Joined whole = new VerifyingKey.Joined();
    template.feedAll(parts, 0, BODY, whole);
    if (template.isStreamable()) {
      VerifyingKey.Joined streamed = new VerifyingKey.Joined();
      template.feedPrefix(parts, 0, streamed);
      streamed.put(BODY);
      template.feedSuffix(parts, 0, streamed);
      assertThat(streamed.toByteArray()).isEqualTo(whole.toByteArray());
    }
    boolean signsBody = text.contains("{body}") || text.contains("{form}");
    assertThat(template.signsBody()).isEqualTo(signsBody || readsBody(template));
    assertThat(template.signsUrl()).isEqualTo(text.contains("{url}"));
  }

  private static boolean readsBody(ContentTemplate template) {
    Set<RequestPart.Kind> without =
        Set.of(
            RequestPart.Kind.ELEMENT,
            RequestPart.Kind.ATTEMPT,
            RequestPart.Kind.HEADERS,
            RequestPart.Kind.CRC32,
            RequestPart.Kind.URL_BASE,
            RequestPart.Kind.ESCAPED_TARGET,
            RequestPart.Kind.SORTED_QUERY);
    // Of several such parts the one that covers most tells how much is covered; a checksum is no
    // cover.
    return template.worked().stream().anyMatch(part -> !without.contains(part.kind()));
  }

  @FuzzTest(maxDuration = "10m")
  void scheme_anyYaml_isOneThatRefusesTheUnsignedOrNone(byte[] input) {
    Scheme scheme;
    try {
      scheme = Schemes.parse(new String(input, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }
    assertThat(scheme.accepts()).isNotEmpty();
    assertThat(scheme.contents()).isNotEmpty();
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      if (scheme.needsWholeRequest()) {
        assertThat(template != null).isEqualTo(!scheme.isToken());
        continue;
      }
      assertThat(template != null && (template.signsBody() || template.signsUrl()))
          .isEqualTo(scheme.protectsIntegrity());
    }
    WebhookVerifier verifier;
    try {
      verifier = Requests.verifierAt(Requests.NOW, scheme, "own-fuzz-secret-of-32-characters");
    } catch (IllegalArgumentException keysOfAnotherForm) {
      return;
    }
    WebhookRequest unsigned = WebhookRequest.post("", Headers.of(), "{}");
    assertThat(verifier.verify(unsigned)).isNotInstanceOf(Verification.Verified.class);
  }
}
