package dev.gatehouse.core.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.Secret;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtAuthenticatorTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final KeyPair EC = Token.pair(JwtAlgorithm.ES256);
  private static final KeyPair RSA = Token.pair(JwtAlgorithm.RS256);

  private static ClaimRules rules(UnaryOperator<ClaimRules.Builder> more) {
    return more.apply(
            ClaimRules.builder("https://id.example", "orders").clock(InstantSource.fixed(NOW)))
        .build();
  }

  private static JwtAuthenticator authenticator(String keys, JwtAlgorithm... algorithms) {
    return JwtAuthenticator.create(KeySet.of(keys), rules(b -> b), algorithms);
  }

  private static JwtAuthenticator ec() {
    return authenticator(Token.set(Token.jwk("a", EC, "")), JwtAlgorithm.ES256);
  }

  private static Authentication ask(JwtAuthenticator authenticator, String token) {
    return authenticator.authenticate(token).result();
  }

  private static Principal proven(JwtAuthenticator authenticator, String token) {
    Authentication answer = ask(authenticator, token);
    assertThat(answer).isInstanceOf(Authentication.Proven.class);
    return ((Authentication.Proven) answer).principal();
  }

  private static String refusal(JwtAuthenticator authenticator, String token) {
    Authentication answer = ask(authenticator, token);
    assertThat(answer).isInstanceOf(Authentication.Refused.class);
    return ((Authentication.Refused) answer).reason().code();
  }

  private static Token token() {
    return new Token().header("kid", "\"a\"");
  }

  @TestFactory
  Stream<DynamicTest> token_ofEachAlgorithm_isProvenByItsOwnKindOfKeyAlone() {
    return Stream.of(
            JwtAlgorithm.RS256,
            JwtAlgorithm.PS256,
            JwtAlgorithm.ES256,
            JwtAlgorithm.ES384,
            JwtAlgorithm.EDDSA)
        .map(
            algorithm ->
                DynamicTest.dynamicTest(
                    algorithm.spelling(),
                    () -> {
                      KeyPair pair = Token.pair(algorithm);
                      String keys = Token.set(Token.jwk("a", pair, ""));
                      JwtAuthenticator door = authenticator(keys, JwtAlgorithm.values());
                      String token = token().sign(algorithm, pair.getPrivate());
                      assertThat(proven(door, token).id()).isEqualTo("ada");
                      String other = token().sign(algorithm, Token.pair(algorithm).getPrivate());
                      assertThat(refusal(door, other)).isEqualTo("signature_mismatch");
                      assertThat(refusal(door, token.substring(0, token.length() - 4) + "AAAA"))
                          .isEqualTo("signature_mismatch");
                    }));
  }

  @Test
  void principal_ofAToken_holdsWhatItSays() {
    String token =
        token()
            .claim("scope", "\"order:read  order:write\"")
            .claim("email", "\"ada@acme.example\"")
            .claim("level", "3")
            .sign(JwtAlgorithm.ES256, EC.getPrivate());
    JwtAuthenticator door =
        JwtAuthenticator.create(
            KeySet.of(Token.set(Token.jwk("a", EC, ""))),
            rules(b -> b.keepClaims("email", "level", "absent")),
            JwtAlgorithm.ES256);
    Principal principal = proven(door, token);
    assertThat(principal.toString()).isEqualTo("Principal[USER ada of acme]");
    assertThat(principal.scopes()).containsExactlyInAnyOrder("order:read", "order:write");
    assertThat(principal.claims()).isEqualTo(Map.of("email", "ada@acme.example", "level", "3"));
    assertThat(principal.expiry()).contains(Instant.ofEpochSecond(1_000_105));
    assertThat(principal.voucher()).isEqualTo("jwt");
  }

  @Test
  void algorithm_none_isNoAlgorithm() {
    for (String none : List.of("none", "None", "NONE", "nOnE", "", "HS256 ")) {
      String unsigned = token().header("alg", "\"" + none + "\"").unsigned();
      for (String token : List.of(unsigned, unsigned + ".", unsigned + ".AA")) {
        assertThat(refusal(ec(), token)).isEqualTo("malformed_token");
      }
    }
  }

  @Test
  void algorithm_thatIsNotAllowed_isRefusedEvenWithItsKey() {
    JwtAuthenticator door =
        authenticator(
            Token.set(Token.jwk("a", EC, ""), Token.jwk("b", RSA, "")), JwtAlgorithm.ES256);
    String token = new Token().header("kid", "\"b\"").sign(JwtAlgorithm.RS256, RSA.getPrivate());
    assertThat(refusal(door, token)).isEqualTo("algorithm_not_allowed");
  }

  @Test
  void algorithm_hmacWithAPublicKeyAsItsSecret_provesNothing() {
    JwtAuthenticator door =
        authenticator(Token.set(Token.jwk("a", RSA, "")), JwtAlgorithm.values());
    for (byte[] key :
        List.of(
            RSA.getPublic().getEncoded(),
            Token.jwk("a", RSA, "").getBytes(StandardCharsets.UTF_8))) {
      assertThat(refusal(door, token().hmac(key))).isEqualTo("unknown_key");
    }
  }

  @Test
  void algorithm_ofAKey_isTheOnlyOneItIsFor() {
    JwtAuthenticator door =
        authenticator(
            Token.set(Token.jwk("a", RSA, ",\"alg\":\"PS256\"")),
            JwtAlgorithm.RS256,
            JwtAlgorithm.PS256);
    assertThat(refusal(door, token().sign(JwtAlgorithm.RS256, RSA.getPrivate())))
        .isEqualTo("unknown_key");
    assertThat(proven(door, token().sign(JwtAlgorithm.PS256, RSA.getPrivate())).id())
        .isEqualTo("ada");
  }

  @Test
  void signature_ofZeros_provesNothing() {
    String unsigned = token().header("alg", "\"ES256\"").unsigned();
    assertThat(refusal(ec(), unsigned + "." + Token.encode(new byte[64])))
        .isEqualTo("signature_mismatch");
    assertThat(refusal(ec(), unsigned + "." + Token.encode(new byte[0]) + "A"))
        .isEqualTo("malformed_token");
  }

  // one in 65,536 has a zero before both of its numbers
  @Test
  void signature_withoutItsLeadingZeros_isNoSecondSpellingOfTheToken() {
    JwtAuthenticator door =
        authenticator(
            Token.set(
                """
                {"kid":"a","kty":"EC","crv":"P-256",
                "x":"GeAFm9p9ISODjLDNg-ss5C_QKulMB3Dy40O89WAgZp4",
                "y":"77nTIgQ4FXoSmH39_xoDI6jOgbRq5YyK626Z9-Wlou4"}"""),
            JwtAlgorithm.ES256);
    String unsigned = token().header("alg", "\"ES256\"").unsigned();
    String r = "f577d8a9fbf997aeecd25b584b02e100047587f2ac6ee8b6c2a3af9d88de05";
    String s = "dce3bfdad0e687ba30d60fe06a12122ac08f7aa459977c5790e7353382d4ac";

    assertThat(proven(door, unsigned + "." + hex("00" + r + "00" + s)).id()).isEqualTo("ada");
    assertThat(refusal(door, unsigned + "." + hex(r + s))).isEqualTo("signature_mismatch");
    assertThat(refusal(door, unsigned + "." + hex("0000" + r + "0000" + s)))
        .isEqualTo("signature_mismatch");
  }

  private static String hex(String digits) {
    return Token.encode(HexFormat.of().parseHex(digits));
  }

  @Test
  void algorithms_none_areRefusedAtTheStart() {
    assertThatThrownBy(() -> authenticator(Token.set(Token.jwk("a", EC, ""))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @TestFactory
  Stream<DynamicTest> keySet_thatProtectsNothing_isRefusedAtTheStart() {
    String secret = Token.jwk("a", EC, ",\"d\":\"AAAA\"");
    String twice = Token.set(Token.jwk("a", EC, ""), Token.jwk("a", RSA, ""));
    return Stream.of(
            "{\"keys\":[]}",
            "{}",
            "[]",
            "",
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
            "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
            Token.set(secret),
            twice,
            Token.set(Token.jwk("a", EC, ",\"use\":\"enc\"")),
            Token.set(Token.jwk("a", EC, ",\"alg\":\"none\"")),
            Token.set(Token.jwk("a", EC, ",\"alg\":\"RS256\"")),
            Token.set(Token.jwk("a", EC, ",\"key_ops\":[\"sign\"]")),
            Token.set(Token.jwk("a", RSA, "").replace("AQAB", "AQ")),
            Token.set(Token.jwk("a", EC, "").replaceAll("\"x\":\"....", "\"x\":\"AAAA")))
        .map(
            keys ->
                DynamicTest.dynamicTest(
                    "keys " + (keys.length() > 60 ? keys.substring(0, 60) : keys),
                    () ->
                        assertThatThrownBy(() -> KeySet.of(keys))
                            .isInstanceOf(IllegalArgumentException.class)));
  }

  // the points of order 1, 2, 4 and 8, two of each that has them, and one beyond the field
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
      })
  void keySet_ofAnEd25519PointUnderWhichAnybodySigns_isRefused(String point) {
    String x = Token.encode(HexFormat.of().parseHex(point));
    String keys = Token.set("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}");

    assertThatThrownBy(() -> KeySet.of(keys))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no point that could be a key");
  }

  @TestFactory
  Stream<DynamicTest> claims_thatDoNotHold_areRefused() {
    return Map.ofEntries(
            Map.entry("iss|", "wrong_issuer"),
            Map.entry("iss|\"https://id.example/\"", "wrong_issuer"),
            Map.entry("iss|[\"https://id.example\"]", "wrong_issuer"),
            Map.entry("aud|", "wrong_audience"),
            Map.entry("aud|\"other\"", "wrong_audience"),
            Map.entry("aud|[]", "wrong_audience"),
            Map.entry("aud|[[\"orders\"]]", "wrong_audience"),
            Map.entry("aud|\"orders other\"", "wrong_audience"),
            Map.entry("exp|", "missing_expiry"),
            Map.entry("exp|null", "malformed_time"),
            Map.entry("exp|\"1000100\"", "malformed_time"),
            Map.entry("exp|-1", "malformed_time"),
            Map.entry("exp|1e30", "malformed_time"),
            Map.entry("exp|999995", "expired"),
            Map.entry("nbf|1000006", "not_yet_valid"),
            Map.entry("nbf|\"1\"", "malformed_time"),
            Map.entry("iat|1000006", "not_yet_valid"),
            Map.entry("sub|", "missing_subject"),
            Map.entry("sub|\"\"", "missing_subject"),
            Map.entry("sub|\" \"", "missing_subject"),
            Map.entry("sub|7", "missing_subject"),
            Map.entry("tenant|[\"acme\"]", "invalid_tenant"),
            Map.entry("tenant|[\"acme\",\"globex\"]", "invalid_tenant"),
            Map.entry("tenant|\"\"", "invalid_tenant"),
            Map.entry("tenant|null", "invalid_tenant"),
            Map.entry("tenant|\"acme.x\"", "invalid_tenant"),
            Map.entry("tenant|\"acme globex\"", "invalid_tenant"),
            Map.entry("tenant|\"*\"", "invalid_tenant"),
            Map.entry("tenant|7", "invalid_tenant"),
            Map.entry("tenant|{\"id\":\"acme\"}", "invalid_tenant"),
            Map.entry(
                "cnf|{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
                "unproven_possession"),
            Map.entry("cnf|null", "unproven_possession"),
            Map.entry(
                "events|{\"http://schemas.openid.net/event/backchannel-logout\":{}}",
                "logout_token"),
            Map.entry("scope|7", "invalid_scope"),
            Map.entry("scope|[7]", "invalid_scope"),
            Map.entry("scope|[\"a b\"]", "invalid_scope"),
            Map.entry("scope|\"a\\u0000b\"", "invalid_scope"),
            Map.entry("scp|{\"a\":1}", "invalid_scope"))
        .entrySet()
        .stream()
        .map(
            each -> {
              String name = each.getKey().substring(0, each.getKey().indexOf('|'));
              String value = each.getKey().substring(each.getKey().indexOf('|') + 1);
              return DynamicTest.dynamicTest(
                  each.getKey(),
                  () -> {
                    String token =
                        token()
                            .claim(name, value.isEmpty() ? null : value)
                            .sign(JwtAlgorithm.ES256, EC.getPrivate());
                    assertThat(refusal(ec(), token)).isEqualTo(each.getValue());
                  });
            });
  }

  @Test
  void claims_atTheEdgeOfTheLeeway_hold() {
    for (String[] claim :
        new String[][] {
          {"exp", "999996"}, {"exp", "1000100.5"}, {"nbf", "1000005"}, {"iat", "1000005"},
          {"aud", "[\"other\",\"orders\"]"}, {"tenant", null}, {"scope", "[]"}, {"scope", "\"\""}
        }) {
      String token = token().claim(claim[0], claim[1]).sign(JwtAlgorithm.ES256, EC.getPrivate());
      assertThat(proven(ec(), token).id()).as(claim[0] + " " + claim[1]).isEqualTo("ada");
    }
    assertThat(
            proven(ec(), token().claim("tenant", null).sign(JwtAlgorithm.ES256, EC.getPrivate()))
                .tenant())
        .isEmpty();
    assertThat(
            proven(
                    ec(),
                    token().claim("scp", "[\"a\",\"b\"]").sign(JwtAlgorithm.ES256, EC.getPrivate()))
                .scopes())
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void tenant_whereOneIsRequired_mayNotBeMissing() {
    JwtAuthenticator door =
        JwtAuthenticator.create(
            KeySet.of(Token.set(Token.jwk("a", EC, ""))),
            rules(ClaimRules.Builder::requireTenant),
            JwtAlgorithm.ES256);
    assertThat(
            refusal(door, token().claim("tenant", null).sign(JwtAlgorithm.ES256, EC.getPrivate())))
        .isEqualTo("invalid_tenant");
  }

  @Test
  void token_ofTheHolderOfAKey_isProvenOnlyWhereSomethingElseAsksForTheKey() {
    String token =
        token()
            .claim("cnf", "{\"x5t#S256\":\"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2\"}")
            .sign(JwtAlgorithm.ES256, EC.getPrivate());
    JwtAuthenticator behindWhatChecks =
        JwtAuthenticator.create(
            KeySet.of(Token.set(Token.jwk("a", EC, ""))),
            rules(ClaimRules.Builder::dangerouslyAcceptSenderConstrained),
            JwtAlgorithm.ES256);
    assertThat(refusal(ec(), token)).isEqualTo("unproven_possession");
    assertThat(proven(behindWhatChecks, token).id()).isEqualTo("ada");
  }

  private static String typed(String typ) {
    return token()
        .header("typ", typ == null ? null : "\"" + typ + "\"")
        .sign(JwtAlgorithm.ES256, EC.getPrivate());
  }

  @Test
  void type_ofWhatLetsNobodyIn_isRefused() {
    for (String typ :
        List.of(
            "logout+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "application/logout+jwt",
            "JWE",
            "",
            "application/",
            "application/x/jwt",
            "jwt;v=1")) {
      assertThat(refusal(ec(), typed(typ))).as(typ).isEqualTo("wrong_type");
    }
    for (String typ : new String[] {null, "JWT", "jwt", "application/jwt", "at+JWT"}) {
      assertThat(proven(ec(), typed(typ)).id()).as(typ).isEqualTo("ada");
    }
  }

  @Test
  void type_whereOneIsRequired_isThatOneInAnySpelling() {
    JwtAuthenticator door =
        JwtAuthenticator.create(
            KeySet.of(Token.set(Token.jwk("a", EC, ""))),
            rules(b -> b.requireType("application/AT+jwt")),
            JwtAlgorithm.ES256);
    for (String typ : List.of("at+jwt", "AT+JWT", "application/at+jwt", "Application/at+jwt")) {
      assertThat(proven(door, typed(typ)).id()).as(typ).isEqualTo("ada");
    }
    for (String typ : new String[] {null, "JWT", "id+jwt", "at+jwt2", "text/at+jwt"}) {
      assertThat(refusal(door, typed(typ))).as(typ).isEqualTo("wrong_type");
    }
    assertThatThrownBy(() -> rules(b -> b.requireType(" ")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void events_thatAreNoLogout_areLeftToTheIssuer() {
    for (String events : List.of("{\"https://id.example/event\":{}}", "[]", "null")) {
      String token = token().claim("events", events).sign(JwtAlgorithm.ES256, EC.getPrivate());
      assertThat(proven(ec(), token).id()).as(events).isEqualTo("ada");
    }
  }

  @TestFactory
  Stream<DynamicTest> token_inAnotherSpelling_isRefused() {
    String good = token().sign(JwtAlgorithm.ES256, EC.getPrivate());
    String[] parts = good.split("\\.");
    String signature = parts[2];
    char last = signature.charAt(signature.length() - 1);
    // the last character of 64 bytes has four bits that mean nothing
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char sibling = alphabet.charAt(alphabet.indexOf(last) ^ 1);
    return Stream.of(
            "",
            ".",
            "..",
            "...",
            parts[0] + "." + parts[1],
            parts[0] + "." + parts[1] + ".",
            good + ".",
            good + "." + parts[2],
            good + "==",
            " " + good,
            good + "\n",
            signature.isEmpty() ? "" : good.substring(0, good.length() - 1) + sibling,
            parts[0] + "." + parts[1] + "." + signature.replace('-', '+').replace('_', '/') + "=",
            "e30." + parts[1] + "." + signature,
            "x".repeat(20_000))
        .map(
            token ->
                DynamicTest.dynamicTest(
                    "token " + (token.length() > 40 ? token.substring(0, 40) : token),
                    () -> assertThat(refusal(ec(), token)).isEqualTo("malformed_token")));
  }

  @Test
  void header_thatWouldChangeTheMeaning_isRefused() {
    String embedded = Token.jwk("evil", RSA, "");
    assertThat(
            refusal(
                ec(),
                new Token()
                    .header("kid", "\"evil\"")
                    .header("jwk", embedded)
                    .header("jku", "\"https://evil.example/keys\"")
                    .sign(JwtAlgorithm.ES256, Token.pair(JwtAlgorithm.ES256).getPrivate())))
        .isEqualTo("unknown_key");
    for (String[] member :
        new String[][] {
          {"crit", "[\"b64\"]"},
          {"crit", "[]"},
          {"zip", "\"DEF\""},
          {"typ", "null"},
          {"typ", "[\"JWT\"]"},
          {"kid", "7"},
          {"kid", "[\"a\"]"},
          {"alg", "[\"ES256\"]"}
        }) {
      assertThat(
              refusal(
                  ec(),
                  token().header(member[0], member[1]).sign(JwtAlgorithm.ES256, EC.getPrivate())))
          .as(member[0])
          .isEqualTo("malformed_token");
    }
  }

  @Test
  void member_twice_isRefused() {
    String claims =
        "{\"iss\":\"https://id.example\",\"aud\":\"orders\",\"sub\":\"eve\",\"sub\":\"ada\",\"exp\":1000100}";
    String unsigned =
        Token.encode("{\"alg\":\"ES256\",\"kid\":\"a\"}") + "." + Token.encode(claims);
    assertThat(refusal(ec(), unsigned + ".AA")).isEqualTo("malformed_token");
  }

  @Test
  void key_thatIsShared_isLongEnoughAndOnlyForItsAlgorithm() {
    Secret secret = Secret.of("dev", "0123456789abcdef0123456789abcdef");
    JwtAuthenticator door =
        JwtAuthenticator.create(
            KeySet.shared(JwtAlgorithm.HS256, secret), rules(b -> b), JwtAlgorithm.HS256);
    assertThat(proven(door, new Token().hmac(secret.revealBytes())).id()).isEqualTo("ada");
    assertThat(
            refusal(
                door,
                new Token()
                    .hmac("another key of 32 bytes or more!".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo("signature_mismatch");
    assertThatThrownBy(
            () -> KeySet.shared(JwtAlgorithm.HS256, Secret.of("dev", "short-but-not-empty")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("short-but");
    assertThatThrownBy(() -> KeySet.shared(JwtAlgorithm.RS256, secret))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void key_thatIsTooShort_isNoneWhateverTheSetSays() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    KeyPair rsa = generator.generateKeyPair();
    byte[] secret = "0123456789abcdef0123456789abcde".getBytes(StandardCharsets.UTF_8);

    assertThat(
            refusal(
                ofOne(rsa.getPublic(), JwtAlgorithm.RS256),
                token().sign(JwtAlgorithm.RS256, rsa.getPrivate())))
        .isEqualTo("unknown_key");
    assertThat(
            refusal(
                ofOne(new SecretKeySpec(secret, "HMAC"), JwtAlgorithm.HS256), token().hmac(secret)))
        .isEqualTo("unknown_key");
  }

  @Test
  void key_onAnotherCurveOfTheSameSize_isNoneWhateverTheSetSays() {
    assertThat(
            refusal(
                ofOne(onSecp256k1(), JwtAlgorithm.ES256),
                token().sign(JwtAlgorithm.ES256, EC.getPrivate())))
        .isEqualTo("unknown_key");
  }

  // SEC 2, section 2.4.1; its generator is as good a key as any. The JDK knows the curve no more,
  // but others that can be installed beside it do.
  private static ECPublicKey onSecp256k1() {
    BigInteger p =
        new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);
    BigInteger order =
        new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    ECPoint generator =
        new ECPoint(
            new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
            new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16));
    EllipticCurve curve =
        new EllipticCurve(new ECFieldFp(p), BigInteger.ZERO, BigInteger.valueOf(7));
    return new ForeignKey(new ECParameterSpec(curve, generator, order, 1), generator);
  }

  /** As another provider makes one. */
  private record ForeignKey(ECParameterSpec params, ECPoint point) implements ECPublicKey {
    @Override
    public ECParameterSpec getParams() {
      return params;
    }

    @Override
    public ECPoint getW() {
      return point;
    }

    @Override
    public String getAlgorithm() {
      return "EC";
    }

    @Override
    public String getFormat() {
      return "X.509";
    }

    @Override
    public byte[] getEncoded() {
      return new byte[0];
    }
  }

  /** Of a set that somebody else wrote. */
  private static JwtAuthenticator ofOne(Key key, JwtAlgorithm algorithm) {
    List<VerificationKey> own = List.of(new VerificationKey("a", key, Optional.empty()));
    KeySet set = wanted -> Future.succeededFuture(own.stream().filter(wanted).toList());
    return JwtAuthenticator.create(set, rules(b -> b), algorithm);
  }

  @Test
  void leeway_beyondAMinute_isRefused() {
    assertThatThrownBy(() -> rules(b -> b.leeway(Duration.ofMinutes(2))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClaimRules.builder("", "orders"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClaimRules.builder("https://id.example", " "))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
