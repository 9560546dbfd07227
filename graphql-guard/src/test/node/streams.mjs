// Drives the event streams at the given URL with the client of npm's graphql-sse; prints what came of each step.
import { createClient } from 'graphql-sse';

const [url, token] = process.argv.slice(2);

function client(more = {}) {
  return createClient({
    url,
    singleConnection: false,
    retryAttempts: 0,
    headers: { Authorization: `Bearer ${token}` },
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
    console.log(JSON.stringify({ step: name, failed: failure.response?.status ?? String(failure) }));
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
known.dispose();
await step('wrong token', () => all(client({ headers: { Authorization: 'Bearer wrong' } }), { query: '{ hello }' }));
