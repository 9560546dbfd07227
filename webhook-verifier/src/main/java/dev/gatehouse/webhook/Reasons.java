package dev.gatehouse.webhook;

/** What each reason of a rejection means, and what to look at. */
final class Reasons {
  private Reasons() {}

  static String what(RejectReason reason) {
    return switch (reason) {
      case MISSING_SIGNATURE -> "The signature is not where the scheme has it.";
      case MALFORMED_SIGNATURE -> "The signature is there, but not written as the scheme demands.";
      case UNKNOWN_SIGNATURE_VERSION -> "There is a signature, but of no version that is accepted.";
      case SIGNATURE_MISMATCH -> "No configured key makes this signature over this request.";
      case MISSING_TIMESTAMP -> "The signed time is absent.";
      case MALFORMED_TIMESTAMP -> "The signed time is not written as the scheme demands.";
      case TOO_OLD -> "The signed time is before the replay window.";
      case TOO_NEW -> "The signed time is after the replay window.";
      case MISSING_ID -> "The signed id is absent.";
      case MALFORMED_ID -> "The signed id is no plain text, or could be split elsewhere.";
      case AMBIGUOUS_HEADER -> "A header that must be single came twice with different values.";
      case UNKNOWN_KEY -> "The request names a key that is not configured.";
      case EXPIRED_KEY -> "The key that made it is outside its validity window.";
      case BODY_TOO_LARGE -> "The body is longer than the limit.";
      case UNSUPPORTED_CONTENT_ENCODING -> "The body is compressed.";
      case MALFORMED_BODY -> "The scheme has to read the body and cannot.";
      case HANDSHAKE_REFUSED -> "It is a handshake whose token or challenge is not acceptable.";
    };
  }

  static String remedy(RejectReason reason) {
    return switch (reason) {
      case MISSING_SIGNATURE ->
          "Set a secret for the webhook at the provider; look for a proxy that drops headers.";
      case MALFORMED_SIGNATURE, UNKNOWN_SIGNATURE_VERSION ->
          "Compare the header with `schemes NAME`; check that the scheme is the right one.";
      case SIGNATURE_MISMATCH -> "Check secret, raw body and, where it is signed, the URL.";
      case MISSING_TIMESTAMP, MISSING_ID -> "Look for a proxy that drops headers.";
      case MALFORMED_TIMESTAMP ->
          "Check its unit (seconds, milliseconds, RFC 3339) against `schemes NAME`.";
      case TOO_OLD, TOO_NEW -> "Set the clocks by NTP; judge a capture by its own time (--now).";
      case MALFORMED_ID -> "The sender has to use ids of visible ASCII without the separator.";
      case AMBIGUOUS_HEADER -> "Look for a proxy that adds the header a second time.";
      case UNKNOWN_KEY -> "Configure the key, or the place where the sender publishes it.";
      case EXPIRED_KEY -> "Extend notAfter, or have the sender use the new key.";
      case BODY_TOO_LARGE -> "Raise maxBodyBytes, if the sender's bodies are that long.";
      case UNSUPPORTED_CONTENT_ENCODING -> "Have the sender or the proxy send it as it is.";
      case MALFORMED_BODY -> "Look at the content type, at doubled names, and at cut bodies.";
      case HANDSHAKE_REFUSED -> "Check the handshake's constants (params) at both sides.";
    };
  }
}
