package dev.gatehouse.core.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class UserPrincipalsTest {
  private final UserPrincipals users =
      UserPrincipals.create(
          ClaimRules.builder("https://id.example", "orders")
              .clock(InstantSource.fixed(Instant.ofEpochSecond(1_000_000)))
              .build());

  private static JsonObject claims() {
    return new JsonObject()
        .put("iss", "https://id.example")
        .put("aud", new JsonArray().add("orders"))
        .put("sub", "ada")
        .put("tenant", "acme")
        .put("scope", "a b")
        .put("exp", 1_000_100);
  }

  /** As Vert.x's JWT handler makes one. */
  private static User ofToken(JsonObject claims) {
    return User.create(
        new JsonObject().put("access_token", "x"),
        new JsonObject().put("rootClaim", "accessToken").put("accessToken", claims));
  }

  private String code(User user) {
    return ((Authentication.Refused) users.authenticate(user)).reason().code();
  }

  @Test
  void user_ofAToken_isItsPrincipal() {
    Authentication answer = users.authenticate(ofToken(claims()));
    assertThat(((Authentication.Proven) answer).principal().toString())
        .isEqualTo("Principal[USER ada of acme]");
  }

  @Test
  void user_ofAnIntrospection_isItsPrincipalWhileActive() {
    User active = User.create(claims().put("active", true));
    assertThat(users.authenticate(active)).isInstanceOf(Authentication.Proven.class);
    assertThat(code(User.create(claims().put("active", false)))).isEqualTo("inactive_token");
    assertThat(code(User.create(claims().put("active", "true")))).isEqualTo("inactive_token");
  }

  @Test
  void user_whoseHandlerCheckedLess_isRefused() {
    assertThat(code(User.fromName("ada"))).isEqualTo("wrong_issuer");
    JsonObject noExpiry = claims();
    noExpiry.remove("exp");
    assertThat(code(ofToken(noExpiry))).isEqualTo("missing_expiry");
    assertThat(code(ofToken(claims().put("aud", "other")))).isEqualTo("wrong_audience");
    assertThat(code(ofToken(claims().put("exp", 999_000)))).isEqualTo("expired");
    assertThat(code(ofToken(claims().put("tenant", new JsonArray().add("acme").add("globex")))))
        .isEqualTo("invalid_tenant");
    assertThat(code(ofToken(claims().put("cnf", new JsonObject().put("jkt", "x")))))
        .isEqualTo("unproven_possession");
    JsonObject logout =
        new JsonObject()
            .put("http://schemas.openid.net/event/backchannel-logout", new JsonObject());
    assertThat(code(ofToken(claims().put("events", logout)))).isEqualTo("logout_token");
  }

  @Test
  void rules_thatRequireAType_areRefusedAtTheStart() {
    ClaimRules typed =
        ClaimRules.builder("https://id.example", "orders").requireType("at+jwt").build();

    assertThatThrownBy(() -> UserPrincipals.create(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("requireType");
  }
}
