package dev.gatehouse.cli;

import dev.gatehouse.webhook.WebhookRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to judge, and by what.
 *
 * @param id its name; null if it has none
 * @param scheme a name of the catalogue, or a scheme as a tree of maps and lists
 * @param secrets the secrets
 * @param params the scheme's configured constants
 * @param request the request
 * @param now the time of the check; empty for the clock's
 */
record Case(
    @Nullable String id,
    Object scheme,
    List<String> secrets,
    Map<String, String> params,
    WebhookRequest request,
    Optional<Instant> now) {}
