// Vectors of scheme rfc9421, made from the text of the RFC with node:crypto alone. ECDSA and RSA-PSS
// are randomised, and RSA needs a private key that has no place here: those signatures were made
// once, stand here as they are, and are checked by Node whenever this runs.
import crypto from 'node:crypto';

const NOW = 1767225600;
const SECRET = Buffer.from('gatehouse own rfc 9421 shared secret 01').toString('base64');
const OTHER_SECRET = Buffer.from('gatehouse own rfc 9421 shared secret 02').toString('base64');
const BODY = '{"type":"invoice.paid","n":"\u00fc"}';
const URL_OF_HOOK = 'https://Hooks.Example.com:443/in/a%20b?tenant=t%201&x=1';
const COVERED = ['"@method"', '"@authority"', '"@path"', '"content-digest"'];

const seed = crypto.createHash('sha256').update('gatehouse own rfc 9421 ed25519').digest();
const ed25519 = crypto.createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
});
const pem = (key) => crypto.createPublicKey(key).export({ type: 'spki', format: 'pem' });

const FROZEN = {
  'ecdsa-p256-sha256': {
    publicKey: [
      '-----BEGIN PUBLIC KEY-----',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7rqiGweB90WvVx+98gpNgeHJdilb',
      'rLh2nSMDyviI9bey6drTIiqg5Fu0xu7no9A75NyYaIglrSAPB/q1GIjZLQ==',
      '-----END PUBLIC KEY-----',
      '',
    ].join('\n'),
    signature: [
      'up7aWwTlOJvOQ2Qm8/vNvSjz/lOi6eUOWpTacyJea6dJS+ucVu7HaVOu2vcCJWzU6oDBDKc4ovnAX/lNDq8I+w==',
    ].join(''),
  },
  'ecdsa-p384-sha384': {
    publicKey: [
      '-----BEGIN PUBLIC KEY-----',
      'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEMVa+5rZpkwxZW76JbRstT/jqJ5+/Ok2R',
      'fuxgZBNqei3mxYRnf5VckCnbPve/krKE4GvmbryevtBuElHXlvlJPdDJgYyw0rY/',
      'KAeIij/996+uShlPD2s2LWMZQEgQgzog',
      '-----END PUBLIC KEY-----',
      '',
    ].join('\n'),
    signature: [
      'VsHPIZxzwY1QLB869XLDnZbuun9U0whXQ1jpKic+Bt2w300r7C9SrKdGKvEap6Y46Om9+Fvp62GxT8MapcYNgkwH',
      'g/c1l8exa55PaUoBP4FCRjvBDC4KFt/SHu5b7PTM',
    ].join(''),
  },
  'rsa-pss-sha512': {
    publicKey: [
      '-----BEGIN PUBLIC KEY-----',
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArI/wsdhfxkPb6cMn4jTf',
      'vBZvtqoNd9iSV5ICggeUsB9zm8UN5L+GQGsdRIF23kMhBJr7zOEgce3nqYPh6Gtk',
      'LW4KWFi0z6P1t3H9tXLC4x9DrB3gZDLjbnsKyVsU313V0wksG6KmxrvFy9xUcx/k',
      'u5FFJwdTGyCSBIWRHVB6qBjIjljoeLyfszGQjYiW24WFDEK6/mKFUe2CST+RV01H',
      'HCgt/ATKSkpcIcBIiC4GFddMp3Bk475tU/uE2t7dcFMBuAXox2HS6TpoSJIuJNDQ',
      'WC/FfDyTdbMyz29APYDooSnRIFR1NbAhYGIVbZAHo1WsVc0nUO26KSkGzCDbubT/',
      'kwIDAQAB',
      '-----END PUBLIC KEY-----',
      '',
    ].join('\n'),
    signature: [
      'Fl67Yf9ULgdyOxSeolFyTNV9fakerjGTm+TqyrdBwEdKkx7TN1baVv3x5o8ukWZLhYAvWxvW8mSn5BvDC7YQv1ZQ',
      'WE/9JzWgy0in2ONxO2PCBc752Zbfw8gGS5exAf8q97PF7U7xeggXDxaQOv4MfhtkRMaNBXqXBagEK9Jo6yrkKucS',
      'WYjdcCHvMj7vafQC5G+HH7PkWL4DQ8uQwE5puGMVQqMJDDsnAHmBlptgXHyERkI3vhbMu2wteDayt/VpK5GHR6cC',
      'QfABfx9bSGv17vEduiX94fGcgDTmfPe/WbKaInYCMCvQFeE5HxzUiUJpkKXGGbYDsPsaBWAybNIpMQ==',
    ].join(''),
  },
  'rsa-v1_5-sha256': {
    publicKey: [
      '-----BEGIN PUBLIC KEY-----',
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArI/wsdhfxkPb6cMn4jTf',
      'vBZvtqoNd9iSV5ICggeUsB9zm8UN5L+GQGsdRIF23kMhBJr7zOEgce3nqYPh6Gtk',
      'LW4KWFi0z6P1t3H9tXLC4x9DrB3gZDLjbnsKyVsU313V0wksG6KmxrvFy9xUcx/k',
      'u5FFJwdTGyCSBIWRHVB6qBjIjljoeLyfszGQjYiW24WFDEK6/mKFUe2CST+RV01H',
      'HCgt/ATKSkpcIcBIiC4GFddMp3Bk475tU/uE2t7dcFMBuAXox2HS6TpoSJIuJNDQ',
      'WC/FfDyTdbMyz29APYDooSnRIFR1NbAhYGIVbZAHo1WsVc0nUO26KSkGzCDbubT/',
      'kwIDAQAB',
      '-----END PUBLIC KEY-----',
      '',
    ].join('\n'),
    signature: [
      'pLgLXdAHEyvTIpbgbW5DRJfBpCr9kjsdRk8Id2ghSuxbqIm2CYckJNt1Ajz/jmllmou9+tOSahKdlwkiu27cgDXF',
      'yPyLsIzD/GhoHfQBIihK9rHET4X5KNbV241v6v73RL562HSVp7oZma9p5cq069TGHjXhUA2nYr0PYzb6G4Sh8iDw',
      'fWpU2a/BqUDOldXDdRVwEQOLQxDq1a/ch00EciSETVkaTmuY1GRdRPj5wExQvB9OfdkLj4u/6Yb9P5cQEuGqpMTN',
      'G/5oHZXEXdj5wPlxivCiYsOZXrpt4tZluJh0NDb4Bxu6hCoxD/nFIWrkaE2Dg3B+KcNN/ZlHRjZK5A==',
    ].join(''),
  },
};

const digest = (algorithm, body) =>
  `${algorithm}=:${crypto.createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`;

function value(component, message) {
  const [name, ...parameters] = component.split(';');
  const plain = JSON.parse(name);
  const url = new URL(message.url);
  const query = [...url.searchParams];
  switch (plain) {
    case '@method': return message.method;
    case '@authority': return url.host;
    case '@path': return url.pathname;
    case '@query': return url.search || '?';
    case '@scheme': return url.protocol.slice(0, -1);
    case '@request-target': return url.pathname + url.search;
    case '@query-param': {
      const wanted = JSON.parse(parameters[0].slice('name='.length));
      return encodeURIComponent(query.find(([key]) => key === wanted)[1]);
    }
    default: {
      const found = Object.entries(message.headers).find(([key]) => key.toLowerCase() === plain);
      return found[1].trim();
    }
  }
}

function base(covered, parameters, message) {
  const lines = covered.map((component) => `${component}: ${value(component, message)}`);
  lines.push(`"@signature-params": (${covered.join(' ')})${parameters}`);
  return lines.join('\n');
}

const signers = {
  'hmac-sha256': (text, key) =>
    crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64'),
  ed25519: (text) => crypto.sign(null, Buffer.from(text), ed25519).toString('base64'),
};

const checks = {
  'ecdsa-p256-sha256': (key) => ['sha256', { key, dsaEncoding: 'ieee-p1363' }],
  'ecdsa-p384-sha384': (key) => ['sha384', { key, dsaEncoding: 'ieee-p1363' }],
  'rsa-pss-sha512': (key) => [
    'sha512',
    { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
  ],
  'rsa-v1_5-sha256': (key) => ['sha256', { key, padding: crypto.constants.RSA_PKCS1_PADDING }],
};

function frozen(algorithm, text) {
  const { publicKey, signature } = FROZEN[algorithm];
  const [hash, key] = checks[algorithm](publicKey);
  if (!crypto.verify(hash, Buffer.from(text), key, Buffer.from(signature, 'base64'))) {
    throw new Error(`the frozen signature of ${algorithm} is not over this text: ${text}`);
  }
  return signature;
}

function vector(name, change = {}) {
  const c = {
    algorithm: 'hmac-sha256', key: SECRET, label: 'sig1', covered: COVERED, digests: ['sha-256'],
    parameters: `;created=${NOW}`, method: 'POST', url: URL_OF_HOOK, body: BODY, now: NOW,
    headers: {}, expected: {}, ...change,
  };
  const headers = { ...c.headers };
  if (c.digests.length > 0) {
    headers['Content-Digest'] = c.digests.map((each) => digest(each, c.body)).join(', ');
  }
  const text = base(c.covered, c.parameters, { method: c.method, url: c.url, headers });
  const sign = signers[c.algorithm] ?? ((content) => frozen(c.algorithm, content));
  headers['Signature-Input'] = `${c.label}=(${c.covered.join(' ')})${c.parameters}`;
  headers.Signature = `${c.label}=:${sign(text, c.key)}:`;
  const secrets = FROZEN[c.algorithm]
    ? [FROZEN[c.algorithm].publicKey]
    : [c.algorithm === 'ed25519' ? pem(ed25519) : c.key];
  const made = {
    scheme: 'rfc9421', name, secrets, method: c.method, url: c.url, headers, body: c.body,
    now: String(c.now), ...c.expected,
  };
  return c.edit ? c.edit(made) : made;
}

const rejected = (reason) => ({ outcome: 'rejected', reason });
const without = (component) => COVERED.filter((each) => each !== `"${component}"`);

export default [
  vector('hmac-sha256'),
  vector('ed25519', { algorithm: 'ed25519' }),
  vector('ecdsa-p256-sha256', { algorithm: 'ecdsa-p256-sha256' }),
  vector('ecdsa-p384-sha384', { algorithm: 'ecdsa-p384-sha384' }),
  vector('rsa-pss-sha512', { algorithm: 'rsa-pss-sha512' }),
  vector('rsa-v1_5-sha256, which the key does not say', {
    algorithm: 'rsa-v1_5-sha256',
    expected: { params: { algorithm: 'rsa-v1_5-sha256' } },
  }),
  vector('rsa-v1_5-sha256 under a key that is for rsa-pss-sha512', {
    algorithm: 'rsa-v1_5-sha256', expected: rejected('signature_mismatch'),
  }),
  vector('all parameters, both digests, more than is required', {
    covered: [...COVERED, '"@query-param";name="tenant"', '"@query"', '"@scheme"', '"content-type"'],
    digests: ['sha-512', 'sha-256'],
    headers: { 'Content-Type': 'application/json' },
    parameters: `;created=${NOW};expires=${NOW + 60};nonce="own-1";alg="hmac-sha256";keyid="k1";tag="t"`,
    expected: { params: { keyid: 'k1', tag: 't', label: 'sig1' } },
  }),
  vector('the second of two secrets', { edit: (v) => ({ ...v, secrets: [OTHER_SECRET, SECRET] }) }),
  vector('another secret', {
    edit: (v) => ({ ...v, secrets: [OTHER_SECRET] }), expected: rejected('signature_mismatch'),
  }),
  vector('another body', {
    edit: (v) => ({ ...v, body: `${v.body} ` }), expected: rejected('signature_mismatch'),
  }),
  vector('another method', {
    edit: (v) => ({ ...v, method: 'PUT' }), expected: rejected('signature_mismatch'),
  }),
  vector('another path', {
    edit: (v) => ({ ...v, url: 'https://hooks.example.com/in/ab' }),
    expected: rejected('signature_mismatch'),
  }),
  vector('another query, which is not required', {
    edit: (v) => ({ ...v, url: 'https://hooks.example.com/in/a%20b' }),
  }),
  vector('another query, which is required but not covered', {
    expected: {
      params: { required_components: '@method @authority @path @query content-digest' },
      ...rejected('signature_mismatch'),
    },
  }),
  vector('the digest is not covered', {
    covered: without('content-digest'), expected: rejected('signature_mismatch'),
  }),
  vector('the body may stay unsigned, by a constant', {
    covered: without('content-digest'), digests: [],
    expected: {
      params: {
        required_components: '@method @authority @path', dangerously_allow_unsigned_body: 'true',
      },
    },
  }),
  vector('the method is not covered', {
    covered: without('@method'), expected: rejected('signature_mismatch'),
  }),
  vector('signed by keyid k2, but k1 is the only one', {
    parameters: `;created=${NOW};keyid="k2"`,
    expected: { params: { keyid: 'k1' }, ...rejected('unknown_key') },
  }),
  vector('alg names another algorithm than the key has', {
    parameters: `;created=${NOW};alg="ed25519"`, expected: rejected('signature_mismatch'),
  }),
  vector('alg names none', {
    parameters: `;created=${NOW};alg="none"`, expected: rejected('unknown_signature_version'),
  }),
  vector('another label than the chosen one', {
    expected: { params: { label: 'mine' }, ...rejected('missing_signature') },
  }),
  vector('another tag than the chosen one', {
    parameters: `;created=${NOW};tag="theirs"`,
    expected: { params: { tag: 'mine' }, ...rejected('missing_signature') },
  }),
  vector('no Signature-Input', {
    edit: (v) => {
      const { 'Signature-Input': left, ...headers } = v.headers;
      return { ...v, headers };
    },
    expected: rejected('missing_signature'),
  }),
  vector('a label twice', {
    edit: (v) => ({
      ...v, headers: { ...v.headers, Signature: `${v.headers.Signature}, sig1=:AAAA:` },
    }),
    expected: rejected('ambiguous_header'),
  }),
  vector('created at the edge of the window', { now: NOW + 300 }),
  vector('created too long ago', { now: NOW + 301, expected: rejected('too_old') }),
  vector('created in the future', { now: NOW - 301, expected: rejected('too_new') }),
  vector('expired', {
    parameters: `;created=${NOW};expires=${NOW + 10}`, now: NOW + 11, expected: rejected('too_old'),
  }),
  vector('not created at any time', { parameters: '', expected: rejected('missing_timestamp') }),
  vector('a component that is only for responses', {
    edit: (v) => ({
      ...v,
      headers: {
        ...v.headers,
        'Signature-Input': v.headers['Signature-Input'].replace('("', '("@status" "'),
      },
    }),
    expected: rejected('signature_mismatch'),
  }),
  vector('a digest of a broken algorithm only', {
    digests: [], headers: { 'Content-Digest': 'md5=:AAAAAAAAAAAAAAAAAAAAAA==:' },
    expected: rejected('unknown_signature_version'),
  }),
];
