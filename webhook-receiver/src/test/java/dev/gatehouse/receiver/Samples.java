package dev.gatehouse.receiver;

/** Configurations that the tests read. */
final class Samples {
  private Samples() {}

  /** The example of the contract, to the letter but for the place of one file. */
  static String contract() {
    return """
        server:
          host: 127.0.0.1
          port: 8080
          management: { host: 127.0.0.1, port: 9090, token: ${env:GATEHOUSE_ADMIN_TOKEN} }
          maxBodyBytes: 1MiB          # per source override
          bodyTimeout: 10s
          maxBodiesInFlight: 64MiB
          trustedProxies: []          # CIDRs whose Forwarded / X-Forwarded-* are believed
        store:                        # deliveries and their state
          kind: sqlite                # sqlite | postgres
          path: ./gatehouse-data/inbox.db     # postgres: url, user, password
        shared:                       # state shared by several receivers
          kind: none                  # none | redis (url)
        sources:
          github:
            scheme: github            # a catalogue name, or an inline scheme
            path: /hooks/github       # the default
            tenant: acme              # fixed, or {pointer: /organization/login} into the verified body
            owner: platform-team      # required, unless demo
            classification: internal
            secrets:
              - { id: "2026-11", value: "${env:GITHUB_WEBHOOK_SECRET}" }
              - { id: "2026-05", value: "${file:github-old}", notAfter: 2026-12-31T00:00:00Z }
            # keys instead of secrets where the scheme has public keys: [{ id, value }] or { jwks: https://…, allowInsecureKeyUrl: false } (http only to loopback, when true); a key set's `not_before` and `not_after` members are honoured
            replayWindow: 5m          # only where the scheme signs a time
            mode: enforce             # enforce | observe (decide, record, let through)
            limits: { requestsPerSecond: 200, burst: 400, failuresPerMinute: 30 }
            deliver:
              to: http://127.0.0.1:9000/github
              sign: { scheme: standard-webhooks, secret: "${env:FORWARD_SECRET}" }
              timeout: 15s
              retry: { attempts: 12, firstDelay: 1s, maxDelay: 6h }
        """;
  }
}
