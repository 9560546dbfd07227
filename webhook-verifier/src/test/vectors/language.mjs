// Schemes that are judged over the whole request: signatures in bodies, plain hashes, RSA, sorted
// parameters, items, lines. Made with node:crypto alone, so that nothing is shared with the verifier.
import { createHash, createHmac, createPrivateKey, sign as rsaSign } from 'node:crypto';
import { rsaPrivatePem, rsaPublicPem } from './lib/rsa.mjs';

const mac = (hash, key, text, encoding) => createHmac(hash, key).update(text, 'utf8').digest(encoding);
const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
const rsa = (hash, text) => rsaSign(hash, Buffer.from(text, 'utf8'), createPrivateKey(rsaPrivatePem)).toString('base64');
const form = (fields) => Object.entries(fields).map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join('&');
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const NOW = '1767225600';
const TIME = 1767225600;
const rejected = (reason) => ({ outcome: 'rejected', reason });
const wrong = rejected('signature_mismatch');
const all = [];
const add = (scheme, secret, name, request, verdict = {}) =>
  all.push({ scheme, name, secrets: secret === null ? [] : [secret], headers: {}, body: '', ...request, ...verdict });

// --- HubSpot 1 and 2: a plain hash with the secret in front
{
  const secret = 'own-hubspot-client-secret';
  const body = '[{"eventId":7,"subscriptionType":"contact.creation","objectId":1}]';
  const v1 = (text, version = 'v1') => ({ 'X-HubSpot-Signature': sha256(secret + text), 'X-HubSpot-Signature-Version': version });
  add('hubspot-v1', secret, 'a batch', { headers: v1(body), body });
  add('hubspot-v1', secret, 'another byte', { headers: v1(body), body: `${body} ` }, wrong);
  add('hubspot-v1', secret, 'another version', { headers: v1(body, 'v2'), body }, rejected('unknown_signature_version'));
  add('hubspot-v1', secret, 'a MAC in place of the hash', { headers: { ...v1(body), 'X-HubSpot-Signature': mac('sha256', secret, body, 'hex') }, body }, wrong);
  const url = 'https://hooks.example.com/card?b=2&a=1';
  const v2 = (method, text, at = url) => ({ 'X-HubSpot-Signature': sha256(secret + method + at + text), 'X-HubSpot-Signature-Version': 'v2' });
  add('hubspot-v2', secret, 'a POST', { url, headers: v2('POST', '{"own":1}'), body: '{"own":1}' });
  add('hubspot-v2', secret, 'a GET', { method: 'GET', url, headers: v2('GET', '') });
  add('hubspot-v2', secret, 'another order of the query', { url: 'https://hooks.example.com/card?a=1&b=2', headers: v2('POST', '{"own":1}'), body: '{"own":1}' }, wrong);
  add('hubspot-v2', secret, 'another byte', { url, headers: v2('POST', '{"own":1}'), body: '{"own":2}' }, wrong);
}

// --- DocuSign: a family of headers
{
  const secret = 'own-connect-key';
  const body = '{"event":"envelope-completed"}\r\n';
  const right = mac('sha256', secret, body, 'base64');
  const other = mac('sha256', 'own-older-key', body, 'base64');
  add('docusign', secret, 'the second of two headers', { headers: { 'X-DocuSign-Signature-1': other, 'X-DocuSign-Signature-2': right }, body });
  add('docusign', secret, 'the hundredth header', { headers: { 'X-DocuSign-Signature-100': right }, body });
  add('docusign', secret, 'a header past the family', { headers: { 'X-DocuSign-Signature-101': right }, body }, rejected('missing_signature'));
  add('docusign', secret, 'without the last line end', { headers: { 'X-DocuSign-Signature-1': right }, body: body.trim() }, wrong);
}

// --- Trello: the body and a constant
{
  const secret = 'own-trello-secret';
  const params = { callback_url: 'https://hooks.example.com/trello?board=1' };
  const body = '{"action":{"id":"own-1","type":"updateCard"}}';
  const headers = { 'X-Trello-Webhook': mac('sha1', secret, body + params.callback_url, 'base64') };
  add('trello', secret, 'an action', { params, headers, body });
  add('trello', secret, 'another callback', { params: { callback_url: 'https://hooks.example.com/trello' }, headers, body }, wrong);
  add('trello', secret, 'another byte', { params, headers, body: body.replace('1', '2') }, wrong);
  add('trello', secret, 'the check of the URL', { params, method: 'HEAD' }, { outcome: 'handshake' });
}

// --- Mandrill, Plivo 1: URL and sorted form
const sortedForm = (fields) => Object.keys(fields).sort().map((k) => k + fields[k]).join('');
for (const [scheme, header] of [['mandrill', 'X-Mandrill-Signature'], ['plivo-v1', 'X-Plivo-Signature']]) {
  const secret = `own-${scheme}-key`;
  const url = 'https://hooks.example.com/in';
  const fields = scheme === 'mandrill' ? { mandrill_events: '[{"event":"open","_id":"own é"}]' } : { To: '4670', Duration: '30', CallUUID: 'own 1' };
  const headers = { ...FORM, [header]: mac('sha1', secret, url + sortedForm(fields), 'base64') };
  const body = form(fields);
  add(scheme, secret, 'a form', { url, headers, body });
  add(scheme, secret, 'another URL', { url: `${url}/`, headers, body }, wrong);
  add(scheme, secret, 'another field', { url, headers, body: `${body}&x=1` }, wrong);
  add(scheme, secret, 'a body that is no form', { url, headers: { ...headers, 'Content-Type': 'application/json' }, body: '{}' }, rejected('malformed_body'));
}
all.push({ scheme: 'mandrill', name: 'the check of the URL', secrets: ['own-mandrill-key'], method: 'HEAD', headers: {}, body: '', outcome: 'handshake' });

// --- Plivo 2 and 3
{
  const secret = 'own-plivo-token';
  const url = 'https://hooks.example.com/answer?b=2&a=1';
  const base = 'https://hooks.example.com/answer';
  const v2 = { 'X-Plivo-Signature-V2-Nonce': '12345', 'X-Plivo-Signature-V2': mac('sha256', secret, `${base}12345`, 'base64') };
  add('plivo-v2', secret, 'a call', { url, headers: v2, body: 'x=1' });
  add('plivo-v2', secret, 'another nonce', { url, headers: { ...v2, 'X-Plivo-Signature-V2-Nonce': '12346' }, body: 'x=1' }, wrong);
  add('plivo-v2', secret, 'no nonce', { url, headers: { 'X-Plivo-Signature-V2': v2['X-Plivo-Signature-V2'] } }, rejected('missing_id'));
  add('plivo-v2', secret, 'another path', { url: `${base}/x`, headers: v2 }, wrong);
  const fields = { To: '4670', From: '46 71', Event: 'StartApp' };
  const post = `${base}?a=1&b=2.${sortedForm(fields)}.678`;
  const v3 = (text) => ({ 'X-Plivo-Signature-V3-Nonce': '678', 'X-Plivo-Signature-V3': mac('sha256', secret, text, 'base64') });
  add('plivo', secret, 'a POST', { url, headers: { ...FORM, ...v3(post) }, body: form(fields) });
  add('plivo', secret, 'a GET', { method: 'GET', url, headers: v3(`${base}?a=1&b=2.678`) });
  add('plivo', secret, 'the second of two signatures', { url, headers: { ...FORM, ...v3(post), 'X-Plivo-Signature-V3': `${mac('sha256', 'older', post, 'base64')},${mac('sha256', secret, post, 'base64')}` }, body: form(fields) });
  add('plivo', secret, 'another field', { url, headers: { ...FORM, ...v3(post) }, body: form({ ...fields, To: '4671' }) }, wrong);
  add('plivo', secret, 'a field twice', { url, headers: { ...FORM, ...v3(post) }, body: `${form(fields)}&To=1` }, rejected('malformed_body'));
  add('plivo', secret, 'the form sent as JSON', { url, headers: { 'Content-Type': 'application/json', ...v3(post) }, body: JSON.stringify(fields) }, rejected('malformed_body'));
}

// --- Recurly: by position
{
  const secret = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
  const body = '{"object_type":"account","event_type":"created"}';
  const of = (time) => mac('sha256', secret, `${time}.${body}`, 'hex');
  const ms = TIME * 1000 + 4;
  add('recurly', secret, 'one signature', { headers: { 'recurly-signature': `${ms},${of(ms)}` }, body, now: NOW });
  add('recurly', secret, 'the second of two', { headers: { 'recurly-signature': `${ms},${sha256('x')},${of(ms)}` }, body, now: NOW });
  add('recurly', secret, 'too old', { headers: { 'recurly-signature': `${ms},${of(ms)}` }, body, now: '1767225901' }, rejected('too_old'));
  add('recurly', secret, 'another byte', { headers: { 'recurly-signature': `${ms},${of(ms)}` }, body: `${body} `, now: NOW }, wrong);
  add('recurly', secret, 'a time alone', { headers: { 'recurly-signature': `${ms}` }, body, now: NOW }, rejected('malformed_signature'));
}

// --- CircleCI: versions
{
  const secret = 'own-circleci-secret';
  const body = '{"id":"own-1","type":"job-completed"}';
  const v1 = mac('sha256', secret, body, 'hex');
  add('circleci', secret, 'v1', { headers: { 'circleci-signature': `v1=${v1}` }, body });
  add('circleci', secret, 'v1 beside v2', { headers: { 'circleci-signature': `v2=${sha256('x')},v1=${v1}` }, body });
  add('circleci', secret, 'v2 only', { headers: { 'circleci-signature': `v2=${v1}` }, body }, rejected('unknown_signature_version'));
  add('circleci', secret, 'another byte', { headers: { 'circleci-signature': `v1=${v1}` }, body: body.replace('1', '2') }, wrong);
}

// --- Gitea, Gogs: the payload in a form
for (const [scheme, name] of [['gitea', 'Gitea'], ['gogs', 'Gogs']]) {
  const secret = `own-${scheme}-secret`;
  const payload = '{"ref":"refs/heads/main","after":"own&1"}';
  const headers = { [`X-${name}-Signature`]: mac('sha256', secret, payload, 'hex') };
  add(scheme, secret, 'JSON', { headers, body: payload });
  add(scheme, secret, 'a form', { headers: { ...headers, ...FORM }, body: form({ payload }) });
  add(scheme, secret, 'a form with one more field', { headers: { ...headers, ...FORM }, body: `${form({ payload })}&x=1` }, rejected('malformed_body'));
  add(scheme, secret, 'another byte', { headers, body: payload.replace('own', 'Own') }, wrong);
  add(scheme, secret, 'an empty signature', { headers: { [`X-${name}-Signature`]: '' }, body: payload }, rejected('malformed_signature'));
}

// --- Mailgun: time and token in the body
{
  const secret = 'own-mailgun-signing-key';
  const token = 'ownTokenOfFiftyLetters0000000000000000000000000001';
  const signature = mac('sha256', secret, `${TIME}${token}`, 'hex');
  const json = (more = {}) => JSON.stringify({ signature: { timestamp: `${TIME}`, token, signature, ...more }, 'event-data': { event: 'opened', id: 'own' } });
  add('mailgun', secret, 'JSON', { body: json(), now: NOW });
  add('mailgun', secret, 'a form', { headers: FORM, body: form({ timestamp: `${TIME}`, token, signature }), now: NOW });
  add('mailgun', secret, 'another token', { body: json({ token: `${token}x` }), now: NOW }, wrong);
  add('mailgun', secret, 'too old', { body: json(), now: '1767225721' }, rejected('too_old'));
  add('mailgun', secret, 'the signature twice', { headers: FORM, body: `${form({ timestamp: `${TIME}`, token, signature })}&signature=${signature}`, now: NOW }, rejected('malformed_body'));
  add('mailgun', secret, 'no signature', { body: '{"event-data":{}}', now: NOW }, rejected('missing_signature'));
}

// --- RSA over the body
{
  const body = '{"event_type":"transfers#state-change","type":"OWN"}';
  add('wise', rsaPublicPem, 'an event', { headers: { 'X-Signature-SHA256': rsa('sha256', body), 'X-Delivery-Id': 'own-1' }, body });
  add('wise', rsaPublicPem, 'another byte', { headers: { 'X-Signature-SHA256': rsa('sha256', body) }, body: `${body} ` }, wrong);
  add('wise', rsaPublicPem, 'with SHA-1', { headers: { 'X-Signature-SHA256': rsa('sha1', body) }, body }, wrong);
  add('fireblocks-v1', rsaPublicPem, 'an event', { headers: { 'Fireblocks-Signature': rsa('sha512', body) }, body });
  add('fireblocks-v1', rsaPublicPem, 'another byte', { headers: { 'Fireblocks-Signature': rsa('sha512', body) }, body: `${body} ` }, wrong);
  add('fireblocks-v1', rsaPublicPem, 'with SHA-256', { headers: { 'Fireblocks-Signature': rsa('sha256', body) }, body }, wrong);
}

// --- tokens in bodies
{
  add('figma', 'own-passcode', 'an event', { body: '{"event_type":"FILE_UPDATE","passcode":"own-passcode"}' });
  add('figma', 'own-passcode', 'another passcode', { body: '{"event_type":"FILE_UPDATE","passcode":"own-passcodf"}' }, wrong);
  add('figma', 'own-passcode', 'no passcode', { body: '{"event_type":"PING"}' }, rejected('missing_signature'));
  add('figma', 'own-passcode', 'the passcode twice', { body: '{"passcode":"x","passcode":"own-passcode"}' }, rejected('malformed_body'));
  const batch = (...states) => JSON.stringify({ value: states.map((clientState) => ({ clientState, changeType: 'updated' })) });
  add('microsoft-graph', 'own-client-state', 'two notifications', { body: batch('own-client-state', 'own-client-state') });
  add('microsoft-graph', 'own-client-state', 'a stranger among them', { body: batch('own-client-state', 'other') }, wrong);
  add('microsoft-graph', 'own-client-state', 'none', { body: '{"value":[]}' }, rejected('missing_signature'));
  add('microsoft-graph', 'own-client-state', 'the validation token', { url: 'https://hooks.example.com/graph?validationToken=own%20token%3A%201' }, { outcome: 'handshake' });
  add('microsoft-graph', 'own-client-state', 'a validation token that is script', { url: 'https://hooks.example.com/graph?validationToken=%3Cscript%3E' }, rejected('handshake_refused'));
}

// --- Adyen: a signature an item
{
  const secret = '00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF';
  const item = (over = {}, sign = true) => {
    const f = { pspReference: 'own1', originalReference: '', merchantAccountCode: 'OwnAccount', merchantReference: 'order:7', value: 1130, currency: 'EUR', eventCode: 'AUTHORISATION', success: 'true', ...over };
    const text = [f.pspReference, f.originalReference, f.merchantAccountCode, f.merchantReference, f.value, f.currency, f.eventCode, f.success].join(':');
    const fields = { additionalData: sign ? { hmacSignature: mac('sha256', Buffer.from(secret, 'hex'), text, 'base64') } : {}, amount: { currency: f.currency, value: f.value }, eventCode: f.eventCode, merchantAccountCode: f.merchantAccountCode, merchantReference: f.merchantReference, pspReference: f.pspReference, success: f.success };
    return { NotificationRequestItem: f.originalReference ? { ...fields, originalReference: f.originalReference } : fields };
  };
  const batch = (...items) => JSON.stringify({ live: 'false', notificationItems: items });
  add('adyen-standard', secret.toLowerCase(), 'one item', { body: batch(item()) });
  add('adyen-standard', secret.toLowerCase(), 'two items', { body: batch(item(), item({ pspReference: 'own2', originalReference: 'own1' })) });
  add('adyen-standard', secret.toLowerCase(), 'an item without a signature', { body: batch(item(), item({}, false)) }, rejected('missing_signature'));
  add('adyen-standard', secret.toLowerCase(), 'no item', { body: batch() }, rejected('missing_signature'));
  add('adyen-standard', secret.toLowerCase(), 'another amount', { body: batch(item()).replace('1130', '1131') }, wrong);
  add('adyen-standard', secret.toLowerCase(), 'fields cut elsewhere', { body: batch(item({ pspReference: 'own1:x', merchantAccountCode: 'Own' })) }, rejected('malformed_body'));
}

// --- Braintree: fields of a form, the key a digest
{
  const secret = 'own_private_key';
  const params = { public_key: 'own_public_key' };
  const key = createHash('sha1').update(secret, 'utf8').digest();
  const payload = `${Buffer.from('<notification><kind>check</kind></notification>').toString('base64')}\n`;
  const right = createHmac('sha1', key).update(payload, 'utf8').digest('hex');
  const sent = (signature) => ({ params, headers: FORM, body: form({ bt_signature: signature, bt_payload: payload }) });
  add('braintree', secret, 'a notification', sent(`other_key|${'0'.repeat(40)}&own_public_key|${right}`));
  add('braintree', secret, "another pair's entry", sent(`other_key|${right}`), rejected('unknown_signature_version'));
  add('braintree', secret, 'under the text itself', sent(`own_public_key|${mac('sha1', secret, payload, 'hex')}`), wrong);
  add('braintree', secret, 'another payload', { ...sent(`own_public_key|${right}`), body: form({ bt_signature: `own_public_key|${right}`, bt_payload: `x${payload}` }) }, wrong);
  const get = (challenge) => ({ params, method: 'GET', url: `https://hooks.example.com/braintree?bt_challenge=${challenge}` });
  add('braintree', secret, 'the challenge of the endpoint', get('a1b2c3d4e5f60718293a4b5c6d7e8f90'), { outcome: 'handshake' });
  add('braintree', secret, 'a challenge in capitals', get('A1B2C3D4E5F60718293A4B5C6D7E8F90'), rejected('handshake_refused'));
}

// --- Amazon SNS, PayPal: the key as PEM, in place of the certificate
{
  const url = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-own.pem';
  const lines = (f, names) => names.filter((n) => n in f).map((n) => `${n}\n${f[n]}\n`).join('');
  const plain = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
  const message = (over = {}, hash = 'sha256', version = '2') => {
    const f = { Type: 'Notification', MessageId: 'own-1', TopicArn: 'arn:aws:sns:eu-west-1:1:own', Subject: 'own', Message: 'hello\nworld', Timestamp: '2026-01-01T00:00:00.000Z', ...over };
    return { ...f, SignatureVersion: version, SigningCertURL: url, Signature: rsa(hash, lines(f, plain)) };
  };
  const headers = { 'Content-Type': 'text/plain; charset=UTF-8' };
  const sent = (f) => ({ headers, body: JSON.stringify(f), now: NOW });
  add('aws-sns', rsaPublicPem, 'version 2', sent(message()));
  add('aws-sns', rsaPublicPem, 'version 1', sent(message({}, 'sha1', '1')));
  add('aws-sns', rsaPublicPem, 'version 1 refused', { ...sent(message({}, 'sha1', '1')), params: { minimum_algorithm: 'rsa-sha256' } }, rejected('unknown_signature_version'));
  add('aws-sns', rsaPublicPem, 'another message', sent({ ...message(), Message: 'other' }), wrong);
  add('aws-sns', rsaPublicPem, 'too old', { ...sent(message()), now: '1767229201' }, rejected('too_old'));
  add('aws-sns', rsaPublicPem, 'another type', sent({ ...message(), Type: 'Own' }), rejected('malformed_body'));
  add('aws-sns', rsaPublicPem, 'no signature', sent({ Type: 'Notification', SigningCertURL: url }), rejected('missing_signature'));
}
{
  const crc32 = (text) => {
    let crc = 0xffffffff;
    for (const byte of Buffer.from(text, 'utf8')) {
      crc ^= byte;
      for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  const params = { webhook_id: 'OWN-WEBHOOK-1' };
  const body = '{"id":"WH-own-1","event_type":"BILLING.PLAN.CREATED"}';
  const time = '2026-01-01T00:00:00Z';
  const headers = { 'PAYPAL-TRANSMISSION-ID': 'own-transmission-1', 'PAYPAL-TRANSMISSION-TIME': time, 'PAYPAL-AUTH-ALGO': 'SHA256withRSA', 'PAYPAL-CERT-URL': 'https://api.paypal.com/v1/notifications/certs/OWN', 'PAYPAL-TRANSMISSION-SIG': rsa('sha256', `own-transmission-1|${time}|OWN-WEBHOOK-1|${crc32(body)}`) };
  add('paypal', rsaPublicPem, 'an event', { params, headers, body, now: NOW });
  add('paypal', rsaPublicPem, 'another webhook', { params: { webhook_id: 'OWN-WEBHOOK-2' }, headers, body, now: NOW }, wrong);
  add('paypal', rsaPublicPem, 'another algorithm', { params, headers: { ...headers, 'PAYPAL-AUTH-ALGO': 'SHA1withRSA' }, body, now: NOW }, rejected('unknown_signature_version'));
  add('paypal', rsaPublicPem, 'another byte', { params, headers, body: `${body} `, now: NOW }, wrong);
  add('paypal', rsaPublicPem, 'too old', { params, headers, body, now: '1767225901' }, rejected('too_old'));
}

// --- secrets in URLs and headers
for (const [scheme, name] of [['docker-hub', 'token'], ['mollie-classic', 'token'], ['mailchimp', 'token'], ['azure-event-grid', 'code']]) {
  const secret = `own-${scheme}-url-secret`;
  const at = (query) => ({ url: `https://hooks.example.com/in?${query}`, body: scheme === 'azure-event-grid' ? '[{"eventType":"own"}]' : 'id=own' });
  add(scheme, secret, 'the secret', at(`${name}=${secret}`));
  add(scheme, secret, 'another secret', at(`${name}=x${secret}`), wrong);
  add(scheme, secret, 'the secret twice', at(`${name}=${secret}&${name}=${secret}`), rejected('malformed_body'));
  add(scheme, secret, 'no secret', at('x=1'), rejected('missing_signature'));
  add(scheme, secret, 'a parameter of another name', { ...at(`key=${secret}`), params: { query_name: 'key' } });
}
{
  const secret = 'own-datadog-header-secret';
  add('datadog', secret, 'the secret', { headers: { 'X-Webhook-Secret': secret }, body: '{}' });
  add('datadog', secret, 'a header of another name', { params: { header: 'X-Own' }, headers: { 'X-Own': secret }, body: '{}' });
  add('datadog', secret, 'another secret', { headers: { 'X-Webhook-Secret': `${secret}x` }, body: '{}' }, wrong);
  add('datadog', secret, 'no secret', { headers: { 'X-Own': secret }, body: '{}' }, rejected('missing_signature'));
  const token = 'own-cloudevents-token';
  const url = 'https://hooks.example.com/ce';
  add('cloudevents', token, 'a bearer token', { url, headers: { Authorization: `Bearer ${token}`, 'ce-id': 'own-1', 'ce-type': 'own' }, body: '{}' });
  add('cloudevents', token, 'a token in the query', { url: `${url}?access_token=${token}`, body: '{}' });
  add('cloudevents', token, 'another token', { url, headers: { Authorization: `Bearer ${token}x` }, body: '{}' }, wrong);
  add('cloudevents', token, 'no token', { url, body: '{}' }, rejected('missing_signature'));
}

// --- MessageBird before the token, Contentful: canonical requests
{
  const secret = 'own-messagebird-key';
  const digest = (body) => createHash('sha256').update(body, 'utf8').digest();
  const of = (query, body) => createHmac('sha256', secret).update(`${NOW}\n${query}\n`).update(digest(body)).digest('base64');
  const url = 'https://hooks.example.com/mb?def=b%20r&abc=foo';
  const body = '{"own":"value"}';
  const headers = { 'MessageBird-Request-Timestamp': NOW, 'MessageBird-Signature': of('abc=foo&def=b+r', body) };
  add('messagebird-legacy', secret, 'a sorted query', { url, headers, body, now: NOW });
  add('messagebird-legacy', secret, 'no query and no body', { url: 'https://hooks.example.com/mb', headers: { ...headers, 'MessageBird-Signature': of('', '') }, now: NOW });
  add('messagebird-legacy', secret, 'another byte', { url, headers, body: `${body} `, now: NOW }, wrong);
  add('messagebird-legacy', secret, 'another query', { url: `${url}&x=1`, headers, body, now: NOW }, wrong);
  add('messagebird-legacy', secret, 'too old', { url, headers, body, now: '1767225611' }, rejected('too_old'));
}
{
  const secret = 'own0'.repeat(16);
  const body = '{"sys":{"id":"own"}}';
  const list = 'x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic';
  const time = `${TIME}000`;
  const topic = 'ContentManagement.Entry.publish';
  const of = (target, names = list, more = `;x-contentful-topic:${topic}`) =>
    mac('sha256', secret, `POST\n${target}\nx-contentful-signed-headers:${names};x-contentful-timestamp:${time}${more}\n${body}`, 'hex');
  const headers = { 'X-Contentful-Topic': topic, 'x-contentful-signed-headers': list, 'x-contentful-timestamp': time, 'x-contentful-signature': of('/in') };
  const url = 'https://hooks.example.com/in';
  add('contentful', secret, 'an entry', { url, headers, body, now: NOW });
  add('contentful', secret, 'a query, escaped twice', { url: `${url}?tenant=a`, headers: { ...headers, 'x-contentful-signature': of('/in?tenant%253Da') }, body, now: NOW });
  add('contentful', secret, 'another topic', { url, headers: { ...headers, 'X-Contentful-Topic': 'ContentManagement.Entry.delete' }, body, now: NOW }, wrong);
  add('contentful', secret, 'a list without the time', { url, headers: { ...headers, 'x-contentful-signed-headers': 'x-contentful-signed-headers' }, body, now: NOW }, rejected('malformed_signature'));
  add('contentful', secret, 'another byte', { url, headers, body: `${body} `, now: NOW }, wrong);
  add('contentful', secret, 'too old', { url, headers, body, now: '1767225631' }, rejected('too_old'));
}

// --- Vonage SMS: all parameters, wherever they come, under the algorithm of the account
{
  const secret = 'own-vonage-sms-secret';
  const plain = (text) => text.replace(/[&=]/g, '_');
  const text = (fields) => Object.keys(fields).sort().map((name) => `&${name}=${plain(fields[name])}`).join('');
  const fields = { msisdn: '447700900001', to: '447700900000', messageId: 'own-1', text: 'two & two = four é', keyword: 'TWO', nonce: 'own-nonce', timestamp: NOW };
  const sms = (over = {}, hash = 'sha256') => ({ ...fields, ...over, sig: mac(hash, secret, text({ ...fields, ...over }), 'hex') });
  const url = 'https://hooks.example.com/sms';
  const json = (sent) => ({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent), now: NOW });
  const posted = (sent) => ({ headers: FORM, body: form(sent), now: NOW });
  add('vonage-sms', secret, 'a form', posted(sms()));
  add('vonage-sms', secret, 'a form, upper-case hex', posted({ ...sms(), sig: sms().sig.toUpperCase() }));
  add('vonage-sms', secret, 'JSON', json(sms()));
  add('vonage-sms', secret, 'a query', { method: 'GET', url: `${url}?${form(sms())}`, now: NOW });
  add('vonage-sms', secret, 'with SHA-512', json(sms({}, 'sha512')));
  const allowed = (minimum) => ({ params: { minimum_algorithm: minimum } });
  const md5 = { ...fields, sig: createHash('md5').update(text(fields) + secret, 'utf8').digest('hex') };
  add('vonage-sms', secret, 'a plain MD5, allowed', { ...posted(md5), ...allowed('md5-with-secret') });
  add('vonage-sms', secret, 'a plain MD5', posted(md5), rejected('malformed_signature'));
  add('vonage-sms', secret, 'HMAC-SHA1, allowed', { ...posted(sms({}, 'sha1')), ...allowed('hmac-sha1') });
  add('vonage-sms', secret, 'HMAC-MD5 where SHA-1 is the least', { ...posted(sms({}, 'md5')), ...allowed('hmac-sha1') }, rejected('malformed_signature'));
  add('vonage-sms', secret, 'another text', posted({ ...sms(), text: 'two & two = five é' }), wrong);
  add('vonage-sms', secret, 'one more parameter', posted({ ...sms(), own: '' }), wrong);
  add('vonage-sms', secret, 'a parameter twice', { ...posted(sms()), body: `${form(sms())}&to=1` }, rejected('malformed_body'));
  add('vonage-sms', secret, 'a name that was changed to one that is signed alike', posted({ ...Object.fromEntries(Object.entries(sms({ api_key: 'own' })).map(([k, v]) => [k === 'api_key' ? 'api=key' : k, v])) }), rejected('malformed_body'));
  add('vonage-sms', secret, 'too old', { ...posted(sms()), now: '1767225901' }, rejected('too_old'));
  add('vonage-sms', secret, 'no time', posted((({ timestamp, ...rest }) => ({ ...rest, sig: mac('sha256', secret, text(rest), 'hex') }))(fields)), rejected('missing_timestamp'));
  add('vonage-sms', secret, 'no signature', posted(fields), rejected('missing_signature'));
}

// --- Coinbase CDP: headers that the signature names
{
  const secret = 'own-cdp-subscription-secret';
  const body = '{"eventType":"wallet.activity.detected","data":{}}';
  const sent = { 'content-type': 'application/json', 'x-event-id': 'own-evt-1' };
  const of = (names, values = names.map((name) => sent[name]), time = NOW) =>
    `t=${time},h=${names.join(' ')},v1=${mac('sha256', secret, [time, names.join(' '), ...values, body].join('.'), 'hex')}`;
  const both = of(['content-type', 'x-event-id']);
  const request = (signature, more = {}) => ({ headers: { ...sent, 'X-Hook0-Signature': signature, ...more }, body, now: NOW });
  add('coinbase-cdp', secret, 'two headers', request(both));
  add('coinbase-cdp', secret, 'one header', request(of(['content-type'])));
  add('coinbase-cdp', secret, 'v0 beside v1', request(`${both},v0=${mac('sha256', secret, `${NOW}.${body}`, 'hex')}`));
  add('coinbase-cdp', secret, 'v0 only', request(`t=${NOW},v0=${mac('sha256', secret, `${NOW}.${body}`, 'hex')}`), rejected('unknown_signature_version'));
  add('coinbase-cdp', secret, 'another id', request(both, { 'x-event-id': 'own-evt-2' }), wrong);
  add('coinbase-cdp', secret, 'a name off the list', request(both.replace(' x-event-id', '')), wrong);
  add('coinbase-cdp', secret, 'a header that is not there', request(of(['content-type', 'x-own'], ['application/json', ''])), rejected('malformed_signature'));
  add('coinbase-cdp', secret, 'a name twice', request(of(['x-event-id', 'x-event-id'])), rejected('malformed_signature'));
  add('coinbase-cdp', secret, 'another byte', { ...request(both), body: `${body} ` }, wrong);
  add('coinbase-cdp', secret, 'too old', { ...request(both), now: '1767225901' }, rejected('too_old'));
}

export default all;
