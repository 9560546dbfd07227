// Handshakes: the requests that ask for an answer, those whose answer is a MAC above all.
// Made with node:crypto alone, so that nothing is shared with the verifier.
import { createHmac } from 'node:crypto';

const base64 = (key, text) => createHmac('sha256', key).update(text, 'utf8').digest('base64');

const get = (scheme, name, secret, query, more = {}) => ({
  scheme,
  name,
  secrets: [secret],
  method: 'GET',
  url: `https://hooks.example.com/${scheme}?${query}`,
  headers: {},
  body: '',
  outcome: 'handshake',
  ...more,
});
const refused = { outcome: 'rejected', reason: 'handshake_refused' };

// A stranger's token is signed: what he gets must not pass as the signature of a delivery.
const x = 'own-x-secret';
const token = 'own_crc_token';
const crc = [
  get('x', 'the challenge of the endpoint (CRC)', x, `crc_token=${token}`),
  get('x', 'a CRC token that is a body', x, 'crc_token=%7B%7D', refused),
  get('x', 'a CRC token given twice', x, `crc_token=${token}&crc_token=${token}`, refused),
  {
    scheme: 'x',
    name: "the CRC's answer as a delivery's signature",
    secrets: [x],
    headers: { 'x-twitter-webhooks-signature': `sha256=${base64(x, token)}` },
    body: token,
    outcome: 'rejected',
    reason: 'malformed_body',
  },
];

const dropbox = [
  get('dropbox', 'the challenge of the endpoint', 'own-dropbox-secret', 'challenge=abc123'),
  get('dropbox', 'a challenge that is script', 'own-dropbox-secret', 'challenge=%3Cscript%3E', refused),
];

export default [...crc, ...dropbox];
