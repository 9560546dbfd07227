// A MAC over the raw body and nothing else.
import { BODY, family, mac, rejected, withHeaders } from './lib/requests.mjs';

// scheme, signature header, and what is not the usual: HMAC-SHA256 in hex, no prefix, text key.
const SCHEMES = [
  ['bitbucket', 'X-Hub-Signature', { prefix: 'sha256=', more: { 'X-Request-UUID': 'own-uuid', 'X-Event-Key': 'repo:push' } }],
  ['x', 'x-twitter-webhooks-signature', { prefix: 'sha256=', encoding: 'base64', body: '{"for_user_id":"own","tweet_create_events":[]}' }],
  ['adyen', 'hmacsignature', { encoding: 'base64', secret: '6F776E2D616479656E2D6B65792D6F662D33322D62797465732D6C656E677468', key: 'hex', more: { protocol: 'HmacSHA256' } }],
  ['razorpay', 'X-Razorpay-Signature', { more: { 'x-razorpay-event-id': 'own-event' }, body: '{"entity":"event","event":"own.paid"}' }],
  ['coinbase-commerce', 'X-CC-Webhook-Signature', { json: true, body: '{"attempt_number":1,"event":{"id":"own-1","type":"charge:created"}}' }],
  ['intercom', 'X-Hub-Signature', { prefix: 'sha1=', hash: 'sha1', json: true, body: '{"type":"notification_event","id":"notif_own","topic":"ping"}' }],
  ['dropbox', 'X-Dropbox-Signature', { body: '{"list_folder":{"accounts":["dbid:own"]}}' }],
  ['ably', 'X-Ably-Signature', { encoding: 'base64', more: { 'X-Ably-Key': 'app.own' }, body: '{"items":[{"name":"own","source":"channel.message"}]}' }],
  ['airtable', 'X-Airtable-Content-MAC', { prefix: 'hmac-sha256=', secret: 'b3duLWFpcnRhYmxlLWtleQ==', key: 'base64', body: '{"base":{"id":"appOwn"},"webhook":{"id":"achOwn"},"timestamp":"2026-01-01T00:00:00.000Z"}' }],
  ['alchemy', 'X-Alchemy-Signature', { json: true, body: '{"webhookId":"wh_own","id":"whevt_own","type":"ADDRESS_ACTIVITY"}' }],
  ['asana', 'X-Hook-Signature', { body: '{"events":[{"action":"changed","resource":{"gid":"own","resource_type":"task"}}]}' }],
  ['cal-com', 'X-Cal-Signature-256', { body: '{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"own"}}' }],
  ['gocardless', 'Webhook-Signature', { json: true, body: '{"events":[{"id":"EVown"}],"meta":{"webhook_id":"WBown"}}' }],
  ['heroku', 'Heroku-Webhook-Hmac-SHA256', { encoding: 'base64', body: '{"action":"create","resource":"own"}' }],
  ['jira', 'X-Hub-Signature', { prefix: 'sha256=', more: { 'X-Atlassian-Webhook-Identifier': 'own-delivery' }, body: '{"webhookEvent":"jira:issue_created","issue":{"id":"own"}}' }],
  ['klarna', 'Klarna-Signature', { encoding: 'base64', json: true, more: { 'Klarna-Signing-Key-Id': 'own-key' }, body: '{"metadata":{"event_id":"own-1","event_type":"payment.request.own"}}' }],
  ['lemon-squeezy', 'X-Signature', { more: { 'X-Event-Name': 'order_created' }, body: '{"meta":{"event_name":"order_created"},"data":{"id":"own"}}' }],
  ['line', 'x-line-signature', { encoding: 'base64', body: '{"destination":"Uown","events":[]}' }],
  ['microsoft-teams', 'Authorization', { prefix: 'HMAC ', encoding: 'base64', secret: 'b3duLXRlYW1zLXNlY3VyaXR5LXRva2Vu', key: 'base64', json: true, body: '{"type":"message","id":"own-1","text":"hi"}' }],
  ['modern-treasury', 'X-Signature', { more: { 'X-Webhook-ID': 'own-delivery' }, body: '{"event":"created","data":{"id":"own"}}' }],
  ['mollie', 'X-Mollie-Signature', { prefix: 'sha256=', json: true, body: '{"resource":"event","id":"event_own","type":"payment-link.paid"}' }],
  ['mongodb-atlas', 'X-MMS-Signature', { hash: 'sha1', encoding: 'base64', more: { 'X-MMS-Event': 'alert.open' }, body: '{"id":"own","eventTypeName":"OUTSIDE_METRIC_THRESHOLD"}' }],
  ['notion', 'X-Notion-Signature', { prefix: 'sha256=', anyCase: true, json: true, body: '{"id":"own-1","type":"page.created"}' }],
  ['onfido', 'X-SHA2-Signature', { body: '{"payload":{"resource_type":"check","action":"check.completed","object":{"id":"own"}}}' }],
  ['quickbooks', 'intuit-signature', { encoding: 'base64', body: '{"eventNotifications":[{"realmId":"own"}]}' }],
  ['sentry', 'Sentry-Hook-Signature', { more: { 'Request-ID': 'own-request', 'Sentry-Hook-Resource': 'issue', 'Sentry-Hook-Timestamp': '1767225600' }, body: '{"action":"created","data":{"issue":{"id":"own"}}}' }],
  ['tally', 'Tally-Signature', { encoding: 'base64', json: true, body: '{"eventId":"own-1","eventType":"FORM_RESPONSE"}' }],
  ['terraform', 'X-TFE-Notification-Signature', { hash: 'sha512', body: '{"payload_version":1,"run_id":"run-own","notifications":[{"trigger":"run:created"}]}' }],
  ['terraform-run-tasks', 'X-Tfc-Task-Signature', { hash: 'sha512', json: true, body: '{"payload_version":1,"stage":"post_plan","task_result_id":"taskrs-own"}' }],
  ['typeform', 'Typeform-Signature', { prefix: 'sha256=', encoding: 'base64', json: true, body: '{"event_id":"own-1","event_type":"form_response"}' }],
  ['vercel', 'x-vercel-signature', { hash: 'sha1', json: true, body: '{"id":"own-1","type":"deployment.created"}' }],
  ['viber', 'X-Viber-Content-Signature', { body: '{"event":"delivered","timestamp":9007199254740993,"user":"own"}' }],
  ['webex', 'X-Spark-Signature', { hash: 'sha1', body: '{"id":"own","resource":"messages","event":"created"}' }],
  ['xero', 'x-xero-signature', { encoding: 'base64', body: '{"events":[{"resourceId":"own","eventType":"UPDATE"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"OWNown"}' }],
];

const otherSpelling = (header, prefix, signature, encoding) =>
  encoding === 'hex'
    ? ['upper-case hex', { [header]: prefix + signature.toUpperCase() }]
    : ['base64 without its padding', { [header]: prefix + signature.replace(/=+$/, '') }];

const vectorsOf = ([scheme, header, unusual]) => {
  const { prefix = '', hash = 'sha256', encoding = 'hex', key = 'utf8', body = BODY, json, more, anyCase } = unusual;
  const { secret = `own-${scheme}-secret` } = unusual;
  const sign = (content) => mac(hash, Buffer.from(secret, key), content, encoding);
  const good = { secrets: [secret], headers: { [header]: prefix + sign(body), ...more }, body };
  const spoilt = [];
  const [spelling, spelt] = otherSpelling(header, prefix, sign(body), encoding);
  spoilt.push([spelling, { ...withHeaders(good, spelt), ...(anyCase ? {} : rejected('malformed_signature')) }]);
  if (prefix.endsWith('=')) {
    const label = { [header]: `own=${sign(body)}` };
    spoilt.push(['another label', { ...withHeaders(good, label), ...rejected('unknown_signature_version') }]);
  } else if (prefix) {
    const scheme = { [header]: `Bearer ${sign(body)}` };
    spoilt.push(['another word before it', { ...withHeaders(good, scheme), ...rejected('malformed_signature') }]);
  }
  if (json) {
    const cut = body.slice(0, -1);
    const signed = { [header]: prefix + sign(cut) };
    spoilt.push(['signed, but not whole JSON', { ...withHeaders(good, signed), body: cut, ...rejected('malformed_body') }]);
  }
  if (key === 'base64') {
    const asText = { [header]: prefix + mac(hash, secret, body, encoding) };
    spoilt.push(['the key not decoded', { ...withHeaders(good, asText), ...rejected('signature_mismatch') }]);
  }
  return family(scheme, 'an event', good, header, spoilt);
};

const SECOND_SECRET = 'own-mollie-second';
const MOLLIE_BODY = '{"resource":"event","id":"event_own","type":"payment-link.paid"}';
const mollie = {
  scheme: 'mollie',
  name: 'the second of two secrets',
  secrets: ['own-mollie-secret', SECOND_SECRET],
  headers: { 'X-Mollie-Signature': `sha256=${mac('sha256', SECOND_SECRET, MOLLIE_BODY, 'hex')}` },
  body: MOLLIE_BODY,
};

const SQUARE = {
  scheme: 'square',
  name: 'a byte of the body changed',
  secrets: ['own-square-key'],
  params: { notification_url: 'https://hooks.example.com/square' },
  headers: {
    'x-square-hmacsha256-signature': mac('sha256', 'own-square-key', `https://hooks.example.com/square${BODY}`, 'base64'),
  },
  body: BODY.replace('own-1', 'own-2'),
  ...rejected('signature_mismatch'),
};

export default [...SCHEMES.flatMap(vectorsOf), mollie, SQUARE];
