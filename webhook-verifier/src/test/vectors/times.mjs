// MACs over the body and a time: in a header, in the signature's list, or in the body itself.
import { createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';
import { BODY, NOW, family, mac, rejected, withHeaders } from './lib/requests.mjs';

const KEY = Buffer.from('gatehouse-own-vector-key-32bytes');
const WHSEC = `whsec_${KEY.toString('base64')}`;
const iso = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

// Around the window: the edge is in, a second beyond it is out.
const windowed = (good, window) => [
  ['at the edge of the window', { now: `${NOW + window}` }],
  ['too old', { now: `${NOW + window + 1}`, ...rejected('too_old') }],
  ['too new', { now: `${NOW - window - 1}`, ...rejected('too_new') }],
];

// Standard Webhooks under other names.
const STANDARD = [
  ['anthropic', 'webhook-', WHSEC, '{"type":"event","id":"event_own","data":{"type":"session.own"}}'],
  ['brex', 'Webhook-', KEY.toString('base64'), '{"event_type":"TRANSFER_PROCESSED","transfer_id":"own"}'],
  ['clerk', 'svix-', WHSEC, '{"type":"user.created","data":{"id":"own"}}'],
  ['increase', 'webhook-', WHSEC, '{"id":"event_own","category":"account.created"}'],
  ['openai', 'webhook-', WHSEC, '{"id":"evt_own","type":"response.completed"}'],
  ['replicate', 'webhook-', WHSEC, '{"id":"own","status":"succeeded"}'],
  ['resend', 'svix-', WHSEC, '{"type":"email.sent","data":{"email_id":"own"}}'],
];

const standard = ([scheme, set, secret, body]) => {
  const name = (part) => (set === 'Webhook-' ? `${set}${part[0].toUpperCase()}${part.slice(1)}` : set + part);
  const [id, time, signature] = ['id', 'timestamp', 'signature'].map(name);
  const value = mac('sha256', KEY, `msg_own.${NOW}.${body}`, 'base64');
  const good = {
    secrets: [secret],
    headers: { [id]: 'msg_own', [time]: `${NOW}`, [signature]: `v1,${value}` },
    body,
    now: `${NOW}`,
  };
  const change = (headers, more) => ({ ...withHeaders(good, headers), ...more });
  const zeros = Buffer.alloc(32).toString('base64');
  return family(scheme, 'an event', good, signature, [
    ...windowed(good, 300),
    ['the second of two signatures', change({ [signature]: `v1,${zeros} v1,${value}` })],
    ['another version only', change({ [signature]: `v2,${value}` }, rejected('unknown_signature_version'))],
    ['another id', change({ [id]: 'msg_Own' }, rejected('signature_mismatch'))],
    ['no id', change({ [id]: null }, rejected('missing_id'))],
    ['the time moved', change({ [time]: `${NOW + 1}` }, rejected('signature_mismatch'))],
  ]);
};

// A list of a time and its signatures in one header.
const LISTS = [
  { scheme: 'buildkite', header: 'X-Buildkite-Signature', time: 'timestamp', label: 'signature', body: '{"event":"ping","service":{"id":"own"}}' },
  { scheme: 'calendly', header: 'Calendly-Webhook-Signature', window: 180, body: '{"event":"invitee.created","payload":{"uri":"own"}}' },
  { scheme: 'increase-legacy', header: 'Increase-Webhook-Signature', at: iso(NOW), moved: iso(NOW + 1), body: '{"id":"event_own","category":"account.created"}' },
  { scheme: 'mux', header: 'Mux-Signature', body: '{"type":"video.asset.ready","id":"own"}' },
  { scheme: 'persona', header: 'Persona-Signature', secret: 'wbhsec_own-persona-secret', body: '{"data":{"type":"event","id":"evt_own","attributes":{"name":"account.created"}}}' },
  { scheme: 'sanity', header: 'sanity-webhook-signature', at: `${NOW}000`, moved: `${NOW}001`, encoding: 'base64url', body: '{"_id":"own","_type":"post"}' },
  { scheme: 'workos', header: 'WorkOS-Signature', at: `${NOW}000`, moved: `${NOW}001`, join: ', ', window: 180, body: '{"id":"event_own","event":"dsync.activated"}' },
];

const list = (spec) => {
  const { scheme, header, time = 't', label = 'v1', at = `${NOW}`, moved = `${NOW + 1}` } = spec;
  const { encoding = 'hex', join = ',', window = 300, secret = `own-${scheme}-secret`, body } = spec;
  const value = mac('sha256', secret, `${at}.${body}`, encoding);
  const write = (when, as, signature) => `${time}=${when}${join}${as}=${signature}`;
  const good = {
    secrets: [secret],
    headers: { [header]: write(at, label, value) },
    body,
    now: `${NOW}`,
  };
  const change = (text, more) => ({ ...withHeaders(good, { [header]: text }), ...more });
  return family(scheme, 'an event', good, header, [
    ...windowed(good, window),
    ['the time moved', change(write(moved, label, value), rejected('signature_mismatch'))],
    ['another label', change(write(at, 'own', value), rejected('unknown_signature_version'))],
    ['no time', change(`${label}=${value}`, rejected('missing_timestamp'))],
    ['two times', change(`${time}=${moved}${join}${write(at, label, value)}`, rejected('malformed_timestamp'))],
    ['a time that is none', change(write('soon', label, value), rejected('malformed_timestamp'))],
  ]);
};

// Paddle's list is split by semicolons, and its window is short.
const paddle = () => {
  const secret = 'own-paddle-secret';
  const body = '{"event_id":"evt_own","event_type":"transaction.paid"}';
  const value = mac('sha256', secret, `${NOW}:${body}`, 'hex');
  const header = 'Paddle-Signature';
  const good = {
    secrets: [secret],
    headers: { [header]: `ts=${NOW};h1=${value}` },
    body,
    now: `${NOW}`,
  };
  return family('paddle', 'a transaction', good, header, windowed(good, 5));
};

// While Persona's secret rotates there are two sets, each with a time of its own.
const persona = () => {
  const body = '{"data":{"type":"event","id":"evt_own","attributes":{"name":"account.created"}}}';
  const set = (secret, at) => `t=${at},v1=${mac('sha256', secret, `${at}.${body}`, 'hex')}`;
  const [old, current] = ['wbhsec_own-persona-old', 'wbhsec_own-persona-secret'];
  const request = (text, more) => ({
    scheme: 'persona',
    secrets: [current],
    headers: { 'Persona-Signature': text },
    body,
    now: `${NOW}`,
    ...more,
  });
  const crossed = `t=${NOW},${set(old, NOW - 1).split(',')[1]} t=${NOW - 1},${set(current, NOW).split(',')[1]}`;
  return [
    request(`${set(old, NOW - 1)} ${set(current, NOW)}`, { name: 'the second of two sets' }),
    request(`${set(current, NOW)} ${set(old, NOW - 1)}`, { name: 'the first of two sets' }),
    request(crossed, { name: 'a signature under the time of the other set', ...rejected('signature_mismatch') }),
    request(`${set(old, NOW)} ${set(current, NOW - 301)}`, { name: 'the set that matches is too old', ...rejected('signature_mismatch') }),
    request(`${set(current, NOW - 301)} ${set(current, NOW - 302)}`, { name: 'both sets too old', ...rejected('too_old') }),
  ];
};

// A time in a header of its own.
const withTime = (scheme, spec) => {
  const { signature, time, at, moved, window, prefix = '', more = {}, value, body, secret } = spec;
  const good = {
    secrets: [secret],
    headers: { [signature]: prefix + value(at, body), [time]: at, ...more },
    body,
    now: `${NOW}`,
  };
  const change = (headers, extra) => ({ ...withHeaders(good, headers), ...extra });
  return family(scheme, 'an event', good, signature, [
    ...windowed(good, window),
    ['the time moved', change({ [time]: moved }, rejected('signature_mismatch'))],
    ['no time', change({ [time]: null }, rejected('missing_timestamp'))],
    ['a time that is none', change({ [time]: 'soon' }, rejected('malformed_timestamp'))],
    ...(spec.also ? spec.also(good, change) : []),
  ]);
};

const TWITCH_SECRET = 'own-twitch-secret';
const TWITCH_ID = 'own-8d1f0e52-message';
const TWITCH_TIME = '2026-01-01T00:00:00.000000000Z';
const twitchSignature = (id, time, body) => `sha256=${mac('sha256', TWITCH_SECRET, id + time + body, 'hex')}`;
const challenge = (value) =>
  `{"challenge":"${value}","subscription":{"id":"own","status":"webhook_callback_verification_pending"}}`;

const twitch = withTime('twitch', {
  signature: 'Twitch-Eventsub-Message-Signature',
  time: 'Twitch-Eventsub-Message-Timestamp',
  at: TWITCH_TIME,
  moved: '2026-01-01T00:00:00.000000001Z',
  window: 600,
  secret: TWITCH_SECRET,
  body: '{"subscription":{"id":"own","status":"enabled"},"event":{"user_id":"1"}}',
  more: { 'Twitch-Eventsub-Message-Id': TWITCH_ID, 'Twitch-Eventsub-Subscription-Type': 'channel.follow' },
  value: (time, body) => twitchSignature(TWITCH_ID, time, body),
  also: (good, change) => {
    const verification = (value, more) => {
      const body = challenge(value);
      const signature = twitchSignature(TWITCH_ID, TWITCH_TIME, body);
      return { ...change({ 'Twitch-Eventsub-Message-Signature': signature }), body, ...more };
    };
    const inner = `{"at":"${TWITCH_TIME}{}`;
    const shifted = {
      'Twitch-Eventsub-Message-Id': `${TWITCH_ID}${TWITCH_TIME}{"at":"`,
      'Twitch-Eventsub-Message-Signature': twitchSignature(TWITCH_ID, TWITCH_TIME, inner),
    };
    return [
      ['callback verification', verification('own-challenge_1', { outcome: 'handshake' })],
      ['callback verification with a script', verification('<script>', rejected('handshake_refused'))],
      ['another id', change({ 'Twitch-Eventsub-Message-Id': 'Own' }, rejected('signature_mismatch'))],
      ['a time of the body taken for the signed one', change(shifted, { body: '{}', ...rejected('malformed_id') })],
    ];
  },
});

const zendesk = withTime('zendesk', {
  signature: 'X-Zendesk-Webhook-Signature',
  time: 'X-Zendesk-Webhook-Signature-Timestamp',
  at: iso(NOW),
  moved: iso(NOW + 1),
  window: 300,
  secret: 'b3duLXplbmRlc2stdGV4dA==',
  body: '{"type":"zen:event-type:ticket.own","ticket":{"id":1}}',
  more: { 'X-Zendesk-Webhook-Invocation-Id': 'own-invocation' },
  value: (time, body) => mac('sha256', 'b3duLXplbmRlc2stdGV4dA==', time + body, 'base64'),
  also: (good, change) => [
    [
      'a GET without a body',
      {
        ...change({ 'X-Zendesk-Webhook-Signature': mac('sha256', 'b3duLXplbmRlc2stdGV4dA==', iso(NOW), 'base64') }),
        method: 'GET',
        body: '',
      },
    ],
  ],
});

// RFC 8410 around a seed of our own.
const SEED = Buffer.from('gatehouse-own-telnyx-seed-32byte');
const PRIVATE = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
});
const RAW_PUBLIC = createPublicKey(PRIVATE).export({ format: 'der', type: 'spki' }).subarray(12);

const telnyx = withTime('telnyx', {
  signature: 'telnyx-signature-ed25519',
  time: 'telnyx-timestamp',
  at: `${NOW}`,
  moved: `${NOW + 1}`,
  window: 300,
  secret: RAW_PUBLIC.toString('base64'),
  body: '{"data":{"event_type":"message.received","id":"own-1"}}',
  value: (time, body) => signWith(null, Buffer.from(`${time}|${body}`), PRIVATE).toString('base64'),
});

const discordEvents = () => {
  const body = '{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE","own":1}}';
  const header = 'X-Signature-Ed25519';
  const value = signWith(null, Buffer.from(`${NOW}${body}`), PRIVATE).toString('hex');
  const good = {
    secrets: [RAW_PUBLIC.toString('hex')],
    headers: { [header]: value, 'X-Signature-Timestamp': `${NOW}` },
    body,
    now: `${NOW}`,
  };
  return family('discord-events', 'an entitlement', good, header, windowed(good, 300));
};

// The body itself says when it was sent.
const IN_BODY = [
  { scheme: 'launchdarkly', header: 'X-LD-Signature', field: 'date', rest: '"_id":"own-1","kind":"flag"' },
  { scheme: 'linear', header: 'Linear-Signature', field: 'webhookTimestamp', window: 60, more: { 'Linear-Delivery': 'own-delivery', 'Linear-Event': 'Issue' }, rest: '"action":"create","type":"Issue","data":{"id":"own"}' },
  { scheme: 'npm', header: 'x-npm-signature', prefix: 'sha256=', field: 'time', rest: '"event":"package:publish","name":"own"' },
  { scheme: 'pusher', header: 'X-Pusher-Signature', field: 'time_ms', more: { 'X-Pusher-Key': 'own-key' }, rest: '"events":[{"name":"channel_vacated","channel":"own"}]' },
];

const inBody = ({ scheme, header, field, rest, prefix = '', window = 300, more = {} }) => {
  const secret = `own-${scheme}-secret`;
  const request = (body) => ({
    secrets: [secret],
    headers: { [header]: prefix + mac('sha256', secret, body, 'hex'), ...more },
    body,
    now: `${NOW}`,
  });
  const good = request(`{${rest},"${field}":${NOW}000}`);
  return family(scheme, 'an event', good, header, [
    ...windowed(good, window),
    ['the time moved', { body: `{${rest},"${field}":${NOW + 1}000}`, ...rejected('signature_mismatch') }],
    ['signed, but without a time', { ...request(`{${rest}}`), ...rejected('missing_timestamp') }],
    ['signed, but in seconds', { ...request(`{${rest},"${field}":${NOW}}`), ...rejected('too_old') }],
    ['signed, but with a power of ten', { ...request(`{${rest},"${field}":1.7672256e12}`), ...rejected('malformed_timestamp') }],
    ['signed, but with two times', { ...request(`{${rest},"${field}":1,"${field}":${NOW}000}`), ...rejected('malformed_body') }],
    ['signed, but not JSON', { ...request('own'), ...rejected('malformed_body') }],
  ]);
};

// PagerDuty writes a list of signatures and no time.
const pagerduty = () => {
  const secret = 'own-pagerduty-secret';
  const body = '{"event":{"id":"own-1","event_type":"incident.triggered"}}';
  const value = mac('sha256', secret, body, 'hex');
  const header = 'X-PagerDuty-Signature';
  const good = { secrets: [secret], headers: { [header]: `v1=${value}` }, body };
  const change = (text, more) => ({ ...withHeaders(good, { [header]: text }), ...more });
  return family('pagerduty', 'an event', good, header, [
    ['the second of two signatures', change(`v1=${'0'.repeat(64)},v1=${value}`)],
    ['another version beside it', change(`v2=${value},v1=${value}`)],
    ['another version only', change(`v2=${value}`, rejected('unknown_signature_version'))],
    ['upper-case hex', change(`v1=${value.toUpperCase()}`, rejected('malformed_signature'))],
  ]);
};

export default [
  ...STANDARD.flatMap(standard),
  ...LISTS.flatMap(list),
  ...paddle(),
  ...persona(),
  ...twitch,
  ...zendesk,
  ...telnyx,
  ...discordEvents(),
  ...IN_BODY.flatMap(inBody),
  ...pagerduty(),
];
