// Requests that carry the secret itself, as it is or as HTTP Basic (RFC 7617).
import { BODY, rejected, withHeaders } from './lib/requests.mjs';

const basic = (credentials) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const plain = (secret) => secret;

const SCHEMES = [
  ['auth0', 'Authorization', plain, '[{"log_id":"own-1","data":{"type":"s"}}]'],
  ['azure-devops', 'Authorization', basic, '{"id":"own-1","eventType":"git.push"}'],
  ['buildkite-token', 'X-Buildkite-Token', plain, '{"event":"ping"}'],
  ['chargebee', 'Authorization', basic, '{"id":"ev_own","event_type":"customer_created"}'],
  ['hugging-face', 'X-Webhook-Secret', plain, '{"event":{"action":"update","scope":"repo"}}'],
  ['okta', 'Authorization', plain, '{"eventId":"own-1","data":{"events":[]}}'],
  ['postmark', 'Authorization', basic, '{"RecordType":"Delivery","MessageID":"own-1"}'],
  ['telegram', 'X-Telegram-Bot-Api-Secret-Token', plain, '{"update_id":1,"message":{"text":"hi"}}'],
];

const vectorsOf = ([scheme, header, write, body = BODY]) => {
  const secret = write === basic ? `own-user:own-${scheme}:secret` : `own-${scheme}-secret`;
  const good = { secrets: [secret], headers: { [header]: write(secret) }, body };
  const spoilt = (name, value, reason) => ({
    scheme,
    name,
    ...good,
    ...withHeaders(good, { [header]: value }),
    ...rejected(reason),
  });
  const vectors = [
    { scheme, name: 'the secret', ...good },
    spoilt('a prefix of the secret', write(secret.slice(0, -1)), 'signature_mismatch'),
    spoilt('the secret and more', write(`${secret}x`), 'signature_mismatch'),
    spoilt('no secret', null, 'missing_signature'),
  ];
  if (write === basic) {
    vectors.push(spoilt('the credentials as a bearer token', `Bearer ${secret}`, 'malformed_signature'));
    vectors.push(spoilt('base64 without its padding', write(secret).replace(/=+$/, '') + (write(secret).endsWith('=') ? '' : '='), 'malformed_signature'));
  }
  return vectors;
};

export default SCHEMES.flatMap(vectorsOf);
