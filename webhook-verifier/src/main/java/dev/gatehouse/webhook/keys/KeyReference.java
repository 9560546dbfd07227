package dev.gatehouse.webhook.keys;

/** How a request says which key it was signed with. None of it is believed: it only finds a key. */
public sealed interface KeyReference {
  /**
   * By the key's id.
   *
   * @param kid the id
   */
  record ByKid(String kid) implements KeyReference {}

  /**
   * By the URL of a certificate.
   *
   * @param url the URL as the request has it
   */
  record ByUrl(String url) implements KeyReference {}

  /** Not at all: any key of the source may be the one. */
  record Any() implements KeyReference {}
}
