import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const bin = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

function runUnderNode(version: string) {
  const pretend = `Object.defineProperties(process, {
    version: { value: 'v${version}' },
    versions: { value: { ...process.versions, node: '${version}' } },
  })`;
  return execa(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, bin, '--version'],
    {
      reject: false,
    },
  );
}

test.each(['12.22.9', '18.20.8', '20.18.3'])(
  'Node %s prints one line that says which version is needed',
  async (version) => {
    const { exitCode, stdout, stderr } = await runUnderNode(version);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toBe(
      `agents-llm needs Node.js 20.19 or later, but this is v${version} (${process.execPath}). See https://nodejs.org`,
    );
  },
);

test.each(['20.19.0', '22.0.0', '24.11.0', '100.0.0'])('Node %s is supported', async (version) => {
  expect(await runUnderNode(version)).toMatchObject({ exitCode: 0, stdout: packageJson.version });
});

test('package.json requires the same Node version', () => {
  expect(packageJson.engines.node).toBe('>=20.19');
});

test('an old Node can parse the file that prints the message', async () => {
  const source = readFileSync(bin, 'utf8');
  const [asWritten, forNode12] = await Promise.all(
    ['esnext', 'node12.20'].map((target) => transform(source, { target, format: 'esm' })),
  );
  expect(forNode12?.code).toBe(asWritten?.code);
});
