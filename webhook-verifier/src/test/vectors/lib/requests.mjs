// What the makers of vectors share: MACs by node:crypto, and the ways in which a good request is
// spoilt.
import { createHmac } from 'node:crypto';

export const NOW = 1767225600;
export const BODY = '{"id":"own-1","type":"own.happened"}';

export const mac = (hash, key, content, encoding) =>
  createHmac(hash, key).update(content).digest(encoding);

export const rejected = (reason) => ({ outcome: 'rejected', reason });

// The same request with some headers replaced, or taken away where the value is null.
export const withHeaders = (request, changes) => {
  const headers = { ...request.headers, ...changes };
  return { headers: Object.fromEntries(Object.entries(headers).filter(([, v]) => v !== null)) };
};

// A last letter, digit or sign that is another one of the same alphabet.
const otherByte = (body) => {
  const at = body.search(/own/);
  return at < 0 ? `${body}1` : `${body.slice(0, at)}O${body.slice(at + 1)}`;
};

// A good request and the ways in which no scheme may accept it.
export const family = (scheme, name, good, signatureHeader, more = []) => [
  { scheme, name, ...good },
  {
    scheme,
    name: 'a byte of the body changed',
    ...good,
    body: otherByte(good.body),
    ...rejected('signature_mismatch'),
  },
  {
    scheme,
    name: 'no signature',
    ...good,
    ...withHeaders(good, { [signatureHeader]: null }),
    ...rejected('missing_signature'),
  },
  ...more.map(([title, changes]) => ({ scheme, name: title, ...good, ...changes })),
];
