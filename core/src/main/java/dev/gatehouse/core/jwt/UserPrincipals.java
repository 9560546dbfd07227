package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authentication;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Principals of the {@code User} that a Vert.x authentication handler (JWT, OAuth2) put on a
 * request: its signature is that handler's business, what it claims is judged here by the same
 * {@link ClaimRules} as a token of our own.
 *
 * <p>Claims are those of the verified token (the user's attribute that {@code rootClaim} names),
 * else the user's principal, as an introspection endpoint gave it; that must then say {@code
 * "active": true}, where it says anything of it. A handler that was set up without issuer or
 * audience thereby lets nobody in whom these rules do not.
 */
public final class UserPrincipals {
  private final ClaimRules rules;

  private UserPrincipals(ClaimRules rules) {
    this.rules = rules;
  }

  /**
   * Principals by these rules.
   *
   * @throws IllegalArgumentException if they require a type, which stands in a token's header, and
   *     of that a {@code User} tells nothing
   */
  public static UserPrincipals create(ClaimRules rules) {
    if (rules.requiresType()) {
      throw new IllegalArgumentException(
          "a User does not tell its token's typ: leave out requireType, or verify the token by"
              + " JwtAuthenticator");
    }
    return new UserPrincipals(rules);
  }

  /** Whose this user is, or why nobody's. */
  public Authentication authenticate(User user) {
    JsonObject attributes = user.attributes();
    Object root = attributes == null ? null : attributes.getValue("rootClaim");
    Object claims = root instanceof String name ? attributes.getValue(name) : null;
    if (claims instanceof JsonObject token) {
      return rules.judge("user", plain(token));
    }
    Map<String, @Nullable Object> introspected = plain(user.principal());
    if (introspected.containsKey("active") && !Boolean.TRUE.equals(introspected.get("active"))) {
      return Tokens.refused("inactive_token");
    }
    return rules.judge("user", introspected);
  }

  private static Map<String, @Nullable Object> plain(JsonObject json) {
    Map<String, @Nullable Object> plain = new HashMap<>();
    json.forEach(member -> plain.put(member.getKey(), plainValue(member.getValue())));
    return plain;
  }

  private static @Nullable Object plainValue(@Nullable Object value) {
    if (value instanceof JsonArray array) {
      List<@Nullable Object> list = new ArrayList<>();
      array.forEach(each -> list.add(each));
      return list;
    }
    return value instanceof JsonObject object ? object.getMap() : value;
  }
}
