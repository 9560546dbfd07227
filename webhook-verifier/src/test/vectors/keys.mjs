// Vectors of the schemes whose signature is a JSON Web Token, made with node:crypto alone.
import { createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import { signP256 } from './lib/rfc6979.mjs';

// Made for these vectors, and used for nothing else.
const rsa = {kty: 'RSA',
  n: 'n6ERBQ9S-LlaedpA85AhsenM6hu1AlNdlNmmC4LkozQHCwfSLRUxFScEBdza872SLVJejSf-5dJv-I-FC1iOvmGYgi0quwo69szrnDIA2dlPqyhT_fb9ohVXMDt2ITpVRNsCQiR-GY9LJ2dHNcRFwNJryqutXbh6jkyOyp6w97kDDUKf2n20OV1Ey-oBctK8XDEyAoijAXHvnuT2o-gtcUuvPRkIbliSwDK2ba4oJQ6sGrC_NpRvviZA6SLwnookL3b9yL04T5P5YvdU5MQaOMqSh5MnY0Cqs6oMeVlhtXGAi9iSzmKIAX4sC2O7gxl8cXJovBX2JvUQTT7yyklDeQ',
  e: 'AQAB',
  d: 'CmE5T5hq_0RiNzkzbwMIxd5blj99-iw8khDDBM2am2gnKxbzmj3eBq-WSeFOFXpWtn68KjaXEw-ne0St1IqKIaQL_C7-r9He-qxhh7MSrhe83_bL22BDptX3aOn86PU3lTYeg_mGf5f7PZEwJrVgCcVFABVAvS7hPT6KLG-8Nydk2q0EVZIRVe-H4xt3aKkbBSLUMpTJYmzfyni57SbAoS08QmLf8U47RU-sk9GmK2nsL4vbgrOw8cWeDtpd14AMIzgSDMDNWBU1oEJB-I5XCXimerAAen98aeckBiJo_FF1aoTj6L1noX9nhMEFQRb4aVASZI4U8Ip-N4FEC5qvmQ',
  p: 'yqpFnPHF_Eq-XNZe3rDt3AIRQUXSh-A-lUkknallYOX9zOLM3Ba5RuTepwR6I0DAfQQVfygaIJbET0Kk7GhWZBdBPwyORKJVCW2h3IDOv85L8iqO54RTDaVh5QgmixudsF0NOGpdP22m1799lNHihKYZby0R19MBls_Pg7my0AU',
  q: 'yaNskNsOltyjD88iwicdol9cNA3XLZbeGL6q2QA8tQ9aLEPSgZMdJOWiV3f3rT3tq80a12BQlHMw0I1TiIeq3cjXYnlU0mdCBL7TKKADMcIRxw9X-x4Yx_RTwKQk7JqU5yl1ojMpoqHlYqT0W5wV7YjwKmPiqISVgVwQ4Fb6o-U',
  dp: 'qpmq__KGN1qz5HKQaeWGVS1oWQntr3OVOxXXPODb9jWk8FP7H0oBrSv8QZwDNKnNX2-QqPmZBNXlatMvAdLS5m6s_eYT3LLJ4qXnGzdS0yNVywUIRtudDl-piKLTz0Xv-AZcmqDu3fXv_K21iRElHYS05GGMI6H8NHe6t6gaXgE',
  dq: 'ZTCfVh6otqrpJhDkN50bsRW8Ft9vQhC5Sp-864PD83VN4nLy3FXwxUh8bPrmj8lJUfNvafCK38TjFXYnGphC9mRJOsD7AVASgIEnRPbwQ3NKKqSXmY0kEIybz0xQv3BgE5Xp08lrNpOaoyN3AdZV5svXAt73q2xF_xIt4fekdsU',
  qi: 'JEut2bBH-FXMiPFj1tWaA0p9vgmeEbik2b6Y3skrYWrqrTC3bFwvibZBoor-vc7M1TB_NSfXBwBjdPCo9eTPSGb6VhuGWtsLdkJvGw-2u6PEGTb6g7ytWLjbx2nQ_foQyxbtJFsOaniFPTg2e-jlA2tz--noKaZcbflrWqc8BeE'};
const otherRsa = {kty: 'RSA',
  n: 'qCyLpBykf8gA1byusV5st6imj-tY1_fTmGliVxXUfQmerFVuu7GW-y62be1vYHVzLAy15jOFByG2fAmxMf2mKmStv--TpBNb-UMH_kGYJXc0iVlMY0jBjqHg--Hx2i0C1WmHUPedQWdOSeMzJydT8ZfFAriUsf0fm3S5IPRS1D0NUlDEUJ6vFTWYMz-T3ROiyZLDpPE_8hl1QARP6Rc980x_Z3EGqT3E5oaIkHQqwDu3sElkdUSy5I3ovkLUYVXfGA1fikzMDtOO1UIHFovCPr54IFrlMA0hA_LfEd-QBPejUvCMiNU857_srqaYAkrxm_by1BFokBqcoslUI9JLBQ',
  e: 'AQAB'};
const ec = {kty: 'EC',
  x: 'TgXBAeCHlyZe8-jrMNBw1dkDU6X5FDUu_72SC2XYeuc',
  y: 'HT74hrUgsWF9L2CnwJAGCa-WgIC5C1eaO0pMX7Qv3vM',
  crv: 'P-256',
  d: '6w5VlFQUdEJJ05MH5JY2sodF1LE8JQcaOFMI-qKuRas'};

const now = 1767225600;
const hex = (text) => createHash('sha256').update(text).digest('hex');
const b64 = (value) =>
  Buffer.from(typeof value === 'object' && !Buffer.isBuffer(value) ? JSON.stringify(value) : value)
    .toString('base64url');

const signers = {
  HS256: (content, secret) => createHmac('sha256', secret).update(content).digest(),
  HS384: (content, secret) => createHmac('sha384', secret).update(content).digest(),
  HS512: (content, secret) => createHmac('sha512', secret).update(content).digest(),
  RS256: (content) => sign('sha256', Buffer.from(content), createPrivateKey({ key: rsa, format: 'jwk' })),
  RS512: (content) => sign('sha512', Buffer.from(content), createPrivateKey({ key: rsa, format: 'jwk' })),
  ES256: (content) => signP256(ec.d, content),
};

function token(header, payload, secret) {
  const content = `${b64(header)}.${b64(payload)}`;
  const signature = header.alg === 'none' ? Buffer.alloc(0) : signers[header.alg](content, secret);
  return `${content}.${b64(signature)}`;
}

const detached = (compact) => compact.replace(/\.[^.]*\./, '..');

const rsaJwk = (kid, more = {}) => ({ kty: 'RSA', n: rsa.n, e: rsa.e, kid, use: 'sig', ...more });
const otherJwk = (kid) => ({ kty: 'RSA', n: otherRsa.n, e: otherRsa.e, kid, use: 'sig' });
const ecJwk = (kid, more = {}) => ({ kty: 'EC', crv: 'P-256', x: ec.x, y: ec.y, kid, use: 'sig', ...more });
const set = (...keys) => JSON.stringify({ keys });

const rejected = (reason) => ({ outcome: 'rejected', reason });
const vectors = [];
const scheme = (name, base) => (label, change = {}) =>
  vectors.push({ scheme: name, name: label, secrets: [], ...base, ...change });

// --- Plaid: ES256, hash of the body in a claim
{
  const body = '{\n  "webhook_type": "ITEM",\n  "webhook_code": "ERROR",\n  "item_id": "own-item"\n}';
  const header = { alg: 'ES256', kid: 'own-plaid-1', typ: 'JWT' };
  const claims = { iat: now, request_body_sha256: hex(body) };
  const at = (jwt) => ({ headers: { 'Plaid-Verification': jwt } });
  const add = scheme('plaid', {
    params: { jwks: set(ecJwk('own-plaid-1', { alg: 'ES256' })) },
    ...at(token(header, claims)),
    body,
    now: `${now}`,
  });
  add('delivery');
  add('spaces of the body changed', { body: body.replaceAll('  ', ' '), ...rejected('signature_mismatch') });
  add('301 seconds old', { now: `${now + 301}`, ...rejected('too_old') });
  add('301 seconds ahead', { now: `${now - 301}`, ...rejected('too_new') });
  add('a key that is not in the set', {
    ...at(token({ ...header, kid: 'own-plaid-2' }, claims)), ...rejected('unknown_key') });
  add('a key that has expired', {
    params: { jwks: set(ecJwk('own-plaid-1', { expired_at: now - 60 })) }, ...rejected('expired_key') });
  add('another algorithm', {
    ...at(token({ ...header, alg: 'HS256' }, claims, 'own')), ...rejected('unknown_signature_version') });
  add('no time', {
    ...at(token(header, { request_body_sha256: hex(body) })), ...rejected('missing_timestamp') });
  add('no hash of the body', { ...at(token(header, { iat: now })), ...rejected('signature_mismatch') });
  add('a critical extension', {
    ...at(token({ ...header, crit: ['exp'] }, claims)), ...rejected('malformed_signature') });
  add('padding in the token', {
    ...at(token(header, claims) + '='), ...rejected('malformed_signature') });
}

// --- Fireblocks v2: detached RS512
{
  const body = '{"id":"own-event","eventType":"transaction.created","data":{"id":"t1"}}';
  const header = { alg: 'RS512', kid: 'own-fb-1' };
  const at = (jwt) => ({ headers: { 'Fireblocks-Webhook-Signature': jwt } });
  const add = scheme('fireblocks', {
    params: { jwks: set(otherJwk('own-fb-0'), rsaJwk('own-fb-1', { alg: 'RS512' })) },
    ...at(detached(token(header, body))),
    body,
    now: `${now}`,
  });
  add('delivery');
  add('another body', { body: body + '\n', ...rejected('signature_mismatch') });
  add('payload not detached', { ...at(token(header, body)), ...rejected('malformed_signature') });
  add("another key's id", {
    ...at(detached(token({ ...header, kid: 'own-fb-0' }, body))), ...rejected('signature_mismatch') });
  add('RS256', {
    ...at(detached(token({ ...header, alg: 'RS256' }, body))), ...rejected('unknown_signature_version') });
  add('a key that is not yet valid', {
    params: { jwks: set(rsaJwk('own-fb-1', { not_before: now + 60 })) }, ...rejected('expired_key') });
}

// --- Google: ID tokens that do not cover the body
{
  const url = 'https://hooks.example.com/chat';
  const header = { alg: 'RS256', kid: 'own-g-1', typ: 'JWT' };
  const claims = {
    iss: 'https://accounts.google.com',
    aud: url,
    email: 'chat@system.gserviceaccount.com',
    email_verified: true,
    iat: now,
    exp: now + 3600,
  };
  const at = (jwt) => ({ headers: { Authorization: `Bearer ${jwt}` } });
  const add = scheme('google-chat', {
    params: { audience: url, jwks: set(rsaJwk('own-g-1', { alg: 'RS256' })) },
    ...at(token(header, claims)),
    body: '{"type":"MESSAGE"}',
    now: `${now + 10}`,
  });
  add('delivery');
  const legacy = { iss: 'chat@system.gserviceaccount.com', aud: '1234567890', iat: now, exp: now + 3600 };
  add('project number as the audience', {
    params: { audience: '1234567890', jwks: set(rsaJwk('own-g-1')) }, ...at(token(header, legacy)) });
  add('another audience', {
    ...at(token(header, { ...claims, aud: url + '/' })), ...rejected('signature_mismatch') });
  add('another account of Google', {
    ...at(token(header, { ...claims, email: 'own@example.com' })), ...rejected('signature_mismatch') });
  add('an address that is not verified', {
    ...at(token(header, { ...claims, email_verified: false })), ...rejected('signature_mismatch') });
  add('another issuer', {
    ...at(token(header, { ...claims, iss: 'https://accounts.example.com' })), ...rejected('signature_mismatch') });
  add('expired', { now: `${now + 3600}`, ...rejected('too_old') });
  add('no expiry', {
    ...at(token(header, { ...claims, exp: undefined })), ...rejected('missing_timestamp') });
  add('signature of another key', {
    params: { audience: url, jwks: set(otherJwk('own-g-1')) }, ...rejected('signature_mismatch') });
  add('the public key as the secret of an HMAC', {
    ...at(token({ ...header, alg: 'HS256' }, claims, rsa.n)), ...rejected('unknown_signature_version') });
}
{
  const url = 'https://hooks.example.com/push';
  const account = 'push@own-project.iam.gserviceaccount.com';
  const header = { alg: 'RS256', kid: 'own-g-1', typ: 'JWT' };
  const claims = {
    iss: 'https://accounts.google.com',
    aud: url,
    email: account,
    email_verified: true,
    sub: '113774264463038321964',
    iat: now - 1800,
    exp: now + 1800,
  };
  const at = (jwt) => ({ headers: { Authorization: `Bearer ${jwt}` } });
  const add = scheme('google-pubsub', {
    params: { audience: url, service_account: account, jwks: set(rsaJwk('own-g-1', { alg: 'RS256' })) },
    ...at(token(header, claims)),
    body: '{"message":{"data":"b3du","messageId":"own-1"},"subscription":"projects/own/subscriptions/s"}',
    now: `${now}`,
  });
  add('delivery');
  add('several audiences, ours among them', {
    ...at(token(header, { ...claims, aud: ['https://x.example', url] })) });
  add('another service account', {
    ...at(token(header, { ...claims, email: 'other@own-project.iam.gserviceaccount.com' })),
    ...rejected('signature_mismatch') });
  add('another audience', {
    ...at(token(header, { ...claims, aud: 'https://x.example' })), ...rejected('signature_mismatch') });
  add('expired', { now: `${now + 1800}`, ...rejected('too_old') });
  add('a key that is not in the set', {
    ...at(token({ ...header, kid: 'own-g-2' }, claims)), ...rejected('unknown_key') });
  add('no kid', {
    ...at(token({ alg: 'RS256' }, claims)), ...rejected('unknown_key') });
  add('another signature', {
    ...at(token(header, claims).slice(0, -6) + 'AAAAAA'), ...rejected('signature_mismatch') });
}

// --- MessageBird: hashes of URL and body in claims
{
  const url = 'https://hooks.example.com/mb?b=2&a=1';
  const body = '{"status":"delivered"}';
  const secret = 'own-messagebird-signing-key';
  const header = { alg: 'HS256', typ: 'JWT' };
  const claims = {
    iss: 'MessageBird', nbf: now, exp: now + 60, jti: 'own-mb-1', url_hash: hex(url), payload_hash: hex(body) };
  const at = (jwt) => ({ headers: { 'MessageBird-Signature-JWT': jwt } });
  const add = scheme('messagebird', {
    secrets: [secret], ...at(token(header, claims, secret)), url, body, now: `${now}` });
  const { payload_hash: unused, ...bare } = claims;
  add('delivery');
  add('HS384', { ...at(token({ ...header, alg: 'HS384' }, claims, secret)) });
  add('HS512', { ...at(token({ ...header, alg: 'HS512' }, claims, secret)) });
  add('no body', { method: 'GET', ...at(token(header, bare, secret)), body: '' });
  add('one second early', { now: `${now - 1}` });
  add('two seconds early', { now: `${now - 2}`, ...rejected('too_new') });
  add('the last second and its leeway', { now: `${now + 60}` });
  add('expired', { now: `${now + 61}`, ...rejected('too_old') });
  add('query in another order', { url: 'https://hooks.example.com/mb?a=1&b=2', ...rejected('signature_mismatch') });
  add('another body', { body: body + ' ', ...rejected('signature_mismatch') });
  add('a body that the token does not cover', {
    ...at(token(header, bare, secret)), ...rejected('signature_mismatch') });
  add('a hash of an empty body', {
    ...at(token(header, { ...claims, payload_hash: hex('') }, secret)), body: '', ...rejected('signature_mismatch') });
  add('another issuer', {
    ...at(token(header, { ...claims, iss: 'Bird' }, secret)), ...rejected('signature_mismatch') });
  add('an empty id', { ...at(token(header, { ...claims, jti: '' }, secret)), ...rejected('missing_id') });
  add('another secret', { secrets: ['own-other-key'], ...rejected('signature_mismatch') });
  add('no algorithm', {
    ...at(token({ alg: 'none', typ: 'JWT' }, claims)), ...rejected('unknown_signature_version') });
}

// --- Netlify: hash of the body in a claim, no time
{
  const body = '{"id":"own-deploy","state":"ready"}';
  const secret = 'own-netlify-token';
  const header = { alg: 'HS256', typ: 'JWT' };
  const claims = { iss: 'netlify', sha256: hex(body) };
  const at = (jwt) => ({ headers: { 'X-Webhook-Signature': jwt } });
  const add = scheme('netlify', { secrets: [secret], ...at(token(header, claims, secret)), body });
  add('delivery');
  add('another body', { body: body + ' ', ...rejected('signature_mismatch') });
  add('another issuer', {
    ...at(token(header, { ...claims, iss: 'Netlify' }, secret)), ...rejected('signature_mismatch') });
  add('an expiry that has passed', {
    ...at(token(header, { ...claims, exp: now }, secret)), now: `${now}`, ...rejected('too_old') });
  add('another secret', { secrets: ['own-netlify-other'], ...rejected('signature_mismatch') });
  add('HS512', {
    ...at(token({ ...header, alg: 'HS512' }, claims, secret)), ...rejected('unknown_signature_version') });
  add('two parts', {
    ...at(token(header, claims, secret).replace(/\.[^.]*$/, '')), ...rejected('malformed_signature') });
  add('no token', { headers: {}, ...rejected('missing_signature') });
}

// --- Vonage: the secret chosen by a claim, hash of the body in another
{
  const body = '{"to":"447700900000","message_uuid":"own-message"}';
  const secret = 'own-vonage-signature-secret';
  const header = { alg: 'HS256', typ: 'JWT' };
  const claims = {
    iat: now, jti: 'own-vonage-1', iss: 'Vonage', payload_hash: hex(body), api_key: 'a1b2c3d4', application_id: 'own-app' };
  const at = (jwt) => ({ headers: { Authorization: `Bearer ${jwt}` } });
  const add = scheme('vonage', { secrets: [secret], ...at(token(header, claims, secret)), body, now: `${now}` });
  add('delivery');
  add('several secrets, none of the account', {
    secrets: [secret, 'own-vonage-other'], ...rejected('unknown_key') });
  add('another body', { body: body + ' ', ...rejected('signature_mismatch') });
  add('no hash of the body', {
    ...at(token(header, { ...claims, payload_hash: undefined }, secret)), ...rejected('signature_mismatch') });
  add('301 seconds old', { now: `${now + 301}`, ...rejected('too_old') });
  add('another issuer', {
    ...at(token(header, { ...claims, iss: 'Nexmo' }, secret)), ...rejected('signature_mismatch') });
  add('a basic password', {
    headers: { Authorization: 'Basic b3duOm93bg==' }, ...rejected('malformed_signature') });
  add('another secret', { secrets: ['own-vonage-other'], ...rejected('signature_mismatch') });
}

// --- Atlassian Connect: hash of the canonical request
{
  const base = 'https://hooks.example.com/app';
  const url = `${base}/event?user=1&b=x%20y&a=z*&b=a+b&jwt=own`;
  const qsh = hex('POST&/event&a=z%2A&b=a%20b,x%20y&user=1');
  const secret = 'own-atlassian-shared-secret';
  const header = { alg: 'HS256', typ: 'JWT' };
  const claims = { iss: 'own-client-key', iat: now, exp: now + 180, qsh };
  const at = (jwt) => ({ headers: { Authorization: `JWT ${jwt}` } });
  const install = { alg: 'RS256', typ: 'JWT', kid: 'own-install-1' };
  const add = scheme('atlassian-connect', {
    secrets: [secret], params: { base_url: base }, ...at(token(header, claims, secret)), url,
    body: '{"webhookEvent":"jira:issue_created"}', now: `${now}` });
  const installed = { base_url: base, jwks: set(rsaJwk('own-install-1', { alg: 'RS256' })) };
  add('delivery');
  add('an installation', { params: installed, ...at(token(install, { ...claims, aud: base })) });
  add('an installation of another app', {
    params: installed, ...at(token(install, { ...claims, aud: 'https://x.example' })), ...rejected('signature_mismatch') });
  add('an installation under an unknown key', {
    params: installed, ...at(token({ ...install, kid: 'own-install-2' }, { ...claims, aud: base })), ...rejected('unknown_key') });
  add('another method', { method: 'PUT', ...rejected('signature_mismatch') });
  add('another query', { url: url + '&c=1', ...rejected('signature_mismatch') });
  add('another path', { url: url.replace('/event', '/other'), ...rejected('signature_mismatch') });
  add('a slash at the end', { url: url.replace('/event', '/event/') });
  add('outside the app', { url: url.replace('/app/', '/'), ...rejected('signature_mismatch') });
  add('a token of the page, tied to no URL', {
    ...at(token(header, { ...claims, qsh: 'context-qsh' }, secret)), ...rejected('signature_mismatch') });
  add('expired', { now: `${now + 180}`, ...rejected('too_old') });
  add('several secrets, none of the tenant', {
    secrets: [secret, 'own-atlassian-other'], ...rejected('unknown_key') });
  add('another secret', { secrets: ['own-atlassian-other'], ...rejected('signature_mismatch') });
}

export default vectors;
