// Drives the socket at the given URL with the client of npm's graphql-ws; prints what came of each step.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const closes = [];

function client(more = {}) {
  return createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: `Bearer ${token}` },
    on: { closed: (event) => closes.push(event.code) },
    ...more,
  });
}

function all(from, payload, most = Infinity) {
  return new Promise((resolve, reject) => {
    const results = [];
    const stop = from.subscribe(payload, {
      next: (result) => {
        results.push(result);
        if (results.length === most) stop();
      },
      error: reject,
      complete: () => resolve(results),
    });
  });
}

async function step(name, run) {
  try {
    console.log(JSON.stringify({ step: name, got: await run() }));
  } catch (failure) {
    const got = Array.isArray(failure) ? failure.map((e) => e.message) : (failure.code ?? String(failure));
    console.log(JSON.stringify({ step: name, failed: got }));
  }
}

const known = client();
await step('query', () => all(known, { query: 'query($n: String) { hello(name: $n) }', variables: { n: 'ada' } }));
await step('caller', () => all(known, { query: '{ context }' }));
await step('mutation', () => all(known, { query: 'mutation { add }' }));
await step('subscription', () => all(known, { query: 'subscription { ticks { number } }' }));
await step('stopped', () => all(known, { query: 'subscription { ticks { number } }' }, 2));
await step('invalid', () => all(known, { query: '{ nowhere }' }));
await step('many at once', async () => {
  const runs = Array.from({ length: 20 }, () => all(known, { query: 'subscription { ticks { number } }' }));
  return (await Promise.all(runs)).map((events) => events.length);
});
await known.dispose();
await step('wrong token', () => all(client({ connectionParams: { Authorization: 'Bearer wrong' } }), { query: '{ hello }' }));
await step('keep-alive', async () => {
  let pongs = 0;
  const pinging = client({ keepAlive: 50, on: { pong: () => (pongs += 1) } });
  const stop = pinging.subscribe({ query: 'subscription { never { number } }' }, { next() {}, error() {}, complete() {} });
  while (pongs < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  await pinging.dispose();
  return pongs >= 3;
});
