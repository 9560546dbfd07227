package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies JSON Web Tokens (RFC 7519) in full: a principal comes out only of a token that a key of
 * the issuer signed, with an algorithm that is allowed, for this audience, and that has not
 * expired.
 *
 * <pre>{@code
 * Authenticator tokens =
 *     JwtAuthenticator.create(
 *         FetchedKeySet.create(vertx, "https://id.example.com/.well-known/jwks.json"),
 *         ClaimRules.builder("https://id.example.com", "orders-api").build(),
 *         JwtAlgorithm.RS256, JwtAlgorithm.ES256);
 * }</pre>
 *
 * <p>{@code none} is no algorithm here; a key verifies only what its own kind signs; a token brings
 * no key, no URL of one, and no critical header that would change its meaning. Members that come
 * twice, padding and other spellings of one token are refused; still, whoever holds a token signed
 * with ECDSA can make a second one of it, so its text is no name for it. Claims are judged by
 * {@link ClaimRules}.
 *
 * <p>Why a token was refused is a code for the audit; the caller reads one sentence, whatever the
 * cause. If the keys cannot be had, the future fails and nobody gets in.
 */
public final class JwtAuthenticator implements Authenticator {
  // A token without kid may mean any key that fits; more than this would be work for the asking.
  private static final int MAX_TRIED = 8;

  private final KeySet keys;
  private final ClaimRules rules;
  private final Set<JwtAlgorithm> algorithms;

  private JwtAuthenticator(KeySet keys, ClaimRules rules, Set<JwtAlgorithm> algorithms) {
    this.keys = keys;
    this.rules = rules;
    this.algorithms = algorithms;
  }

  /**
   * A verifier of tokens.
   *
   * @param keys the issuer's
   * @param rules what their claims must be
   * @param algorithms which may sign; no other does
   * @throws IllegalArgumentException if none is allowed
   */
  public static JwtAuthenticator create(KeySet keys, ClaimRules rules, JwtAlgorithm... algorithms) {
    if (algorithms.length == 0) {
      throw new IllegalArgumentException("say which algorithms may sign: none is allowed");
    }
    return new JwtAuthenticator(keys, rules, Set.of(algorithms));
  }

  @Override
  public Future<Authentication> authenticate(String token) {
    Optional<Tokens.Parts> read = Tokens.read(token);
    if (read.isEmpty()) {
      return Future.succeededFuture(Tokens.refused("malformed_token"));
    }
    Tokens.Parts parts = read.get();
    if (!algorithms.contains(parts.algorithm())) {
      return Future.succeededFuture(Tokens.refused("algorithm_not_allowed"));
    }
    return keys.find(key -> isMeant(key, parts)).map(found -> verify(parts, found));
  }

  private static boolean isMeant(VerificationKey key, Tokens.Parts parts) {
    return key.fits(parts.algorithm()) && (parts.kid().isEmpty() || parts.kid().equals(key.id()));
  }

  private Authentication verify(Tokens.Parts parts, List<VerificationKey> found) {
    if (found.isEmpty()) {
      return Tokens.refused("unknown_key");
    }
    boolean signed =
        found.stream()
            .limit(MAX_TRIED)
            .anyMatch(
                key -> parts.algorithm().verifies(key.key(), parts.signed(), parts.signature()));
    if (!signed) {
      return Tokens.refused("signature_mismatch");
    }
    return rules.isMeant(parts.type())
        ? rules.judge("jwt", parts.claims())
        : Tokens.refused("wrong_type");
  }
}
