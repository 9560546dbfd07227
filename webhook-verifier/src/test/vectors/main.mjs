// Prints the vectors of every other module of this folder as one JSON array.
// Each module makes its vectors with node:crypto alone, so that nothing is shared with the verifier.
import { readdirSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const own = import.meta.url.split('/').pop();
const modules = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== own)
  .sort();

const all = [];
for (const module of modules) {
  const vectors = (await import(new URL(module, here))).default;
  if (!Array.isArray(vectors)) {
    throw new Error(`${module} must export an array of vectors by default`);
  }
  all.push(...vectors);
}
process.stdout.write(JSON.stringify(all, null, 1) + '\n');
