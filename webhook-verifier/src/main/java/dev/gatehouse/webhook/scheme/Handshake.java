package dev.gatehouse.webhook.scheme;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request by which a provider asks whether the endpoint is really the customer's, and the answer:
 * one that is neither script in a browser nor a signature that anything else would pass with.
 *
 * <p>What is echoed keeps to an alphabet and a length. None of the alphabets holds a quote, an
 * angle bracket, a brace or a line break, so the value can leave neither a JSON string nor a header
 * nor plain text.
 *
 * <h2>Answers that are MACs</h2>
 *
 * Where the answer is a MAC of a value that a stranger chose (X, Braintree), he gets a signature
 * over that value. It is worthless because no delivery of such a scheme is accepted whose signed
 * content is itself a value that the handshake would sign: JSON begins with a brace or a bracket,
 * which no alphabet holds; and whatever else the content may be, the verifier refuses one of that
 * shape as {@code malformed_body} although its signature is right.
 *
 * @param name what it is called in audits
 * @param method the method it comes with
 * @param told what tells it from a delivery
 * @param signed whether the request must be signed like a delivery
 * @param open whether a stranger's value is answered without a comparison
 * @param enabledBy the constant that has to be {@code true} for it to be answered; empty for none
 * @param compare what must equal a configured constant; null if nothing
 * @param echo what is echoed; null if nothing
 * @param confirm what is called to confirm, once that was switched on; null if nothing
 * @param answer the answer
 */
public record Handshake(
    String name,
    String method,
    Told told,
    boolean signed,
    boolean open,
    String enabledBy,
    @Nullable Compare compare,
    @Nullable Echo echo,
    @Nullable Confirm confirm,
    Answer answer) {

  /**
   * What tells a handshake from a delivery, beside its method; all of it must hold.
   *
   * @param query query parameters with their values
   * @param headers headers with their values
   * @param json JSON pointers with the scalars that must stand there
   * @param present what must be there, whatever its value
   * @param absent JSON pointers where no scalar may stand
   */
  public record Told(
      Map<String, String> query,
      Map<String, String> headers,
      Map<String, String> json,
      List<ValueSource> present,
      List<ValueSource> absent) {
    /** Whether the method alone tells it. */
    public boolean byMethodOnly() {
      return query.isEmpty() && headers.isEmpty() && json.isEmpty() && present.isEmpty();
    }
  }

  /**
   * A constant-time comparison with a configured constant.
   *
   * @param in where the candidate stands
   * @param param the constant's name
   * @param list whether the constant is a list, separated by commas, of which one has to be equal
   */
  public record Compare(ValueSource in, String param, boolean list) {
    /** Whether the candidate is the constant, or one of its list; an empty constant allows none. */
    public boolean allows(@Nullable String given, String configured) {
      boolean allows = false;
      for (String expected : list ? configured.split(",") : new String[] {configured}) {
        allows |= given != null && isSame(given, list ? expected.strip() : expected);
      }
      return allows;
    }

    private static boolean isSame(String given, String expected) {
      return !expected.isEmpty()
          && MessageDigest.isEqual(
              given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A value that the answer repeats or signs.
   *
   * @param in where it stands
   * @param alphabet the characters that may occur
   * @param minLength the smallest number of characters
   * @param maxLength the largest number of characters
   */
  public record Echo(ValueSource in, Alphabet alphabet, int minLength, int maxLength) {
    /** Whether the value may be echoed. */
    public boolean allows(String value) {
      return value.length() >= minLength
          && value.length() <= maxLength
          && value.chars().allMatch(alphabet::contains);
    }
  }

  /**
   * A call that confirms a subscription: to these hosts over https, never a redirect's, and only
   * where the operator switched such calls on.
   *
   * @param in where in the signed body the URL stands
   * @param hosts the hosts that it may name
   * @param port the only port, 443 unless the provider uses another; a URL without one names 443
   * @param query query parameters that it has to have, with their values
   * @param only what else of the body must equal a configured constant; null if nothing
   */
  public record Confirm(
      ValueSource in,
      List<HostRule> hosts,
      int port,
      Map<String, String> query,
      @Nullable Compare only) {
    private static final int MAX_LENGTH = 2048;

    /**
     * The URL to call, if the text is one that may be: https, a host that fits a rule as it is
     * written, the port, no user, no fragment, each demanded parameter exactly once.
     */
    public Optional<URI> allowed(String text) {
      boolean visible = text.chars().allMatch(c -> c > ' ' && c <= '~');
      if (!visible || text.length() > MAX_LENGTH || !text.startsWith("https://")) {
        return Optional.empty();
      }
      URI url;
      try {
        url = new URI(text).parseServerAuthority();
      } catch (URISyntaxException none) {
        return Optional.empty();
      }
      String host = url.getHost();
      boolean fits =
          host != null
              && hosts.stream().anyMatch(rule -> rule.allows(host))
              && (url.getPort() < 0 ? 443 : url.getPort()) == port
              && url.getRawUserInfo() == null
              && url.getRawFragment() == null
              && query.entrySet().stream().allMatch(e -> hasOnce(url, e.getKey(), e.getValue()));
      return fits ? Optional.of(url) : Optional.empty();
    }

    // Compared as written: an escaped letter does not fit.
    private static boolean hasOnce(URI url, String name, String value) {
      String raw = url.getRawQuery() == null ? "" : url.getRawQuery();
      List<String> own =
          Arrays.stream(raw.split("&"))
              .filter(pair -> pair.equalsIgnoreCase(name) || startsWith(pair, name + "="))
              .toList();
      return own.size() == 1 && own.get(0).equals(name + "=" + value);
    }

    private static boolean startsWith(String pair, String prefix) {
      return pair.regionMatches(true, 0, prefix, 0, prefix.length());
    }
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param contentType the content type; empty if there is no body
   * @param body the body
   * @param headers headers of its own; one whose constant is not configured is left out
   */
  public record Answer(
      int status, String contentType, AnswerTemplate body, Map<String, AnswerTemplate> headers) {
    Stream<AnswerTemplate> templates() {
      return Stream.concat(Stream.of(body), headers.values().stream());
    }
  }

  /** Whether the answer holds a MAC of the echoed value. */
  public boolean signsEcho() {
    return answer.templates().anyMatch(AnswerTemplate::isSigned);
  }

  /** The configured constants that the answer repeats. */
  public List<String> answerParams() {
    return answer.templates().flatMap(t -> t.params().stream()).distinct().toList();
  }

  /** Every value that it reads from the request, beside its conditions on values. */
  public Stream<ValueSource> reads() {
    Stream<ValueSource> single =
        Stream.of(
                Optional.ofNullable(compare).map(Compare::in),
                Optional.ofNullable(echo).map(Echo::in),
                Optional.ofNullable(confirm).map(Confirm::in),
                Optional.ofNullable(confirm).map(Confirm::only).map(Compare::in))
            .flatMap(Optional::stream);
    return Stream.of(told.present().stream(), told.absent().stream(), single).flatMap(s -> s);
  }

  /** Alphabets for echoed values; none holds a quote, an angle bracket, a brace or a line break. */
  public enum Alphabet {
    /** {@code 0-9}. */
    DIGITS("", false),
    /** {@code 0-9 a-f}. */
    LOWER_HEX("abcdef", false),
    /** {@code A-Z a-z 0-9}. */
    ALPHANUMERIC("", true),
    /** {@code A-Z a-z 0-9 - . _ ~} (RFC 3986, unreserved). */
    UNRESERVED("-._~", true),
    /** {@code A-Z a-z 0-9 - _}. */
    BASE64URL("-_", true),
    /** {@code A-Z a-z 0-9 - _ + / =}: base64 of either alphabet, padded or not. */
    BASE64("-_+/=", true),
    /** {@code A-Z a-z 0-9 - . : [ ]}: a host, by name or address, with or without a port. */
    HOST("-.:[]", true),
    /** {@code A-Z a-z 0-9 - . _ ~ : / + = ,} and the space: a line of plain words. */
    WORDS("-._~:/+=, ", true);

    private final String others;
    private final boolean letters;

    Alphabet(String others, boolean letters) {
      this.others = others;
      this.letters = letters;
    }

    boolean contains(int c) {
      boolean digit = c >= '0' && c <= '9';
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      return digit || (letters && letter) || others.indexOf(c) >= 0;
    }

    // JSON texts can begin with a bracket or hold commas and spaces; what is signed must not.
    boolean isForTokens() {
      return this != HOST && this != WORDS;
    }
  }
}
