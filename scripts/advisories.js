// Asks OSV what is known against releases of LiteLLM, and rewrites the rows of src/litellm/releases/advisories.json that came from it:
//   node scripts/advisories.js      HTTPS_PROXY is honoured; AGENTS_LLM_OSV_URL names another server
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EnvHttpProxyAgent, request } from 'undici';
import { sourceModule } from './source-module.js';

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const FILE = process.argv[2] ?? path('src/litellm/releases/advisories.json');
const MOST_PAGES = 50;

/** @param {typeof import('../src/litellm/releases/osv.ts')} osv */
async function askAll({ OSV_URL, osvQuery, parseOsv }) {
  const url = process.env.AGENTS_LLM_OSV_URL || OSV_URL;
  const dispatcher = new EnvHttpProxyAgent();
  /** @type {import('../src/litellm/releases/advisories.ts').Advisory[]} */
  const rows = [];
  /** @type {string | undefined} */
  let page;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: osvQuery(undefined, page),
      dispatcher,
      signal: AbortSignal.timeout(30_000),
    });
    const answer = parseOsv(await response.body.text());
    if (response.statusCode !== 200 || !answer) {
      throw new Error(`${url} answered ${response.statusCode}, which is not an answer of OSV`);
    }
    rows.push(...answer.advisories);
    page = answer.next;
    if (page === undefined) return rows;
  }
  throw new Error(`${url} has more than ${MOST_PAGES} pages`);
}

try {
  /** @type {import('../src/litellm/releases/advisories.ts').Advisory[]} */
  const before = JSON.parse(readFileSync(FILE, 'utf8'));
  const found = await askAll(await sourceModule('src/litellm/releases/osv.ts'));
  if (found.length === 0) throw new Error('OSV returned no advisories for litellm, which must be a mistake');
  const own = before.filter(({ from }) => from !== 'osv');
  const rows = [...own, ...found.sort((a, b) => (a.id < b.id ? -1 : 1))];
  writeFileSync(FILE, `${JSON.stringify(rows, null, 2)}\n`);
  // A list elsewhere has no style of ours to follow.
  if (!process.argv[2]) execFileSync('npx', ['biome', 'format', '--write', FILE], { stdio: 'ignore' });
  const known = new Set(before.map(({ id }) => id));
  const fresh = found.filter(({ id }) => !known.has(id));
  console.log(`${FILE}: ${own.length} own rows, ${found.length} from OSV, ${fresh.length} of them new`);
  for (const { id, kind, what } of fresh) console.log(`  ${id} (${kind}): ${what}`);
} catch (error) {
  const why = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error);
  console.error(`The list is unchanged because OSV cannot be reached: ${why}`);
  process.exitCode = 1;
}
