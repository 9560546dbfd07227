// ECDSA over P-256 with the deterministic nonce of RFC 6979, so that a vector stays the same from
// run to run; node:crypto draws its nonces. For test vectors only: nothing here is constant-time.
import { createHash, createHmac } from 'node:crypto';

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const A = P - 3n;
const G = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

const mod = (a, m) => ((a % m) + m) % m;

function inverse(a, m) {
  let [r0, r1, s0, s1] = [mod(a, m), m, 1n, 0n];
  while (r1 > 0n) {
    const q = r0 / r1;
    [r0, r1] = [r1, r0 - q * r1];
    [s0, s1] = [s1, s0 - q * s1];
  }
  return mod(s0, m);
}

function add(p, q) {
  if (!p) return q;
  if (!q) return p;
  if (p[0] === q[0] && mod(p[1] + q[1], P) === 0n) return null;
  const slope =
    p[0] === q[0]
      ? (3n * p[0] * p[0] + A) * inverse(2n * p[1], P)
      : (q[1] - p[1]) * inverse(q[0] - p[0], P);
  const x = mod(slope * slope - p[0] - q[0], P);
  return [x, mod(slope * (p[0] - x) - p[1], P)];
}

function times(k, point) {
  let sum = null;
  for (let doubled = point; k > 0n; k >>= 1n, doubled = add(doubled, doubled)) {
    if (k & 1n) sum = add(sum, doubled);
  }
  return sum;
}

const bytes = (n) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex');
const number = (b) => BigInt('0x' + b.toString('hex'));

function* nonces(key, digest) {
  let k = Buffer.alloc(32);
  let v = Buffer.alloc(32, 1);
  const seed = Buffer.concat([key, bytes(mod(number(digest), N))]);
  const hmac = (...parts) => createHmac('sha256', k).update(Buffer.concat(parts)).digest();
  for (const tag of [0, 1]) {
    k = hmac(v, Buffer.from([tag]), seed);
    v = hmac(v);
  }
  for (;;) {
    v = hmac(v);
    const candidate = number(v);
    if (candidate > 0n && candidate < N) yield candidate;
    k = hmac(v, Buffer.from([0]));
    v = hmac(v);
  }
}

/** The signature of SHA-256 over the content, as r and s of 32 bytes each. */
export function signP256(d, content) {
  const key = Buffer.from(d, 'base64url');
  const digest = createHash('sha256').update(content).digest();
  for (const nonce of nonces(key, digest)) {
    const r = mod(times(nonce, G)[0], N);
    const s = mod(inverse(nonce, N) * (number(digest) + r * number(key)), N);
    if (r !== 0n && s !== 0n) return Buffer.concat([bytes(r), bytes(s)]);
  }
}
