package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeReader;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges cases one after the other, and keeps the schemes and verifiers of the last ones.
 *
 * <p>Not for several threads at a time.
 */
final class Judge {
  private static final int KEPT_SCHEMES = 64;
  private static final int KEPT_VERIFIERS = 256;

  private record Keys(Object scheme, List<String> secrets, Map<String, String> params) {}

  private final InstantSource clock;
  private final Map<Object, Scheme> schemes = lru(KEPT_SCHEMES);
  private final Map<Keys, WebhookVerifier> verifiers = lru(KEPT_VERIFIERS);
  // A verifier's clock is fixed when it is built; the cases of one verifier have each their time.
  private Instant now = Instant.EPOCH;

  Judge(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The verdict.
   *
   * @param keep whether the case is small enough to keep its scheme and secrets for the next one
   * @throws UnreadableException if its scheme, a secret or a constant is refused
   */
  Verification verdict(Case of, boolean keep) throws UnreadableException {
    now = of.now().orElseGet(clock::instant);
    Keys keys = new Keys(of.scheme(), of.secrets(), of.params());
    WebhookVerifier verifier = verifiers.get(keys);
    if (verifier == null) {
      verifier = verifier(of, scheme(of.scheme(), keep));
      if (keep) {
        verifiers.put(keys, verifier);
      }
    }
    return verifier.verify(of.request());
  }

  private Scheme scheme(Object asked, boolean keep) throws UnreadableException {
    Scheme kept = schemes.get(asked);
    if (kept != null) {
      return kept;
    }
    Scheme scheme =
        asked instanceof String name
            ? Schemes.find(name)
                .orElseThrow(
                    () -> new UnreadableException("scheme: " + KeyOptions.unknownScheme(name)))
            : inline(asked);
    if (keep) {
      schemes.put(asked, scheme);
    }
    return scheme;
  }

  private static Scheme inline(Object tree) throws UnreadableException {
    Problems problems = new Problems();
    Scheme scheme = SchemeReader.read(tree, "scheme", problems).orElse(null);
    if (scheme == null) {
      throw new UnreadableException(JsonLine.join(problems));
    }
    List<String> failures = KeyOptions.vectorFailures(scheme);
    if (!failures.isEmpty()) {
      throw new UnreadableException("scheme: " + String.join("; ", failures));
    }
    return scheme;
  }

  private WebhookVerifier verifier(Case of, Scheme scheme) throws UnreadableException {
    try {
      Secret[] secrets = new Secret[of.secrets().size()];
      for (int i = 0; i < secrets.length; i++) {
        secrets[i] = Secret.of(KeyOptions.byPlace("secrets[" + i + "]"), of.secrets().get(i));
      }
      WebhookVerifier.Builder builder =
          WebhookVerifier.builder(scheme).secrets(SecretSource.of(secrets)).clock(() -> now);
      of.params().forEach(builder::param);
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new UnreadableException(refusal(e));
    }
  }

  private static String refusal(IllegalArgumentException e) {
    return String.valueOf(e.getMessage())
        .replaceFirst("^secret '#(secrets\\[\\d+\\])' (of scheme \\S+ )?", "$1: ")
        .replaceFirst("^no secret: ", "secrets: is empty: ");
  }

  private static <K, V> Map<K, V> lru(int size) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.@Nullable Entry<K, V> eldest) {
        return size() > size;
      }
    };
  }
}
