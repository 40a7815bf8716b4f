import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../../src/io/files/files.ts';
import { projectPaths } from '../../../src/model/paths.ts';
import { forProject } from '../../../src/model/settings.ts';
import { readState, type StackState, writeState } from '../../../src/project/state.ts';
import { caught } from '../../support/caught.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const state: StackState = {
  schemaVersion: 1,
  runtime: 'docker',
  project: 'agents-llm',
  bind: '127.0.0.1',
  port: 4000,
  image: 'ghcr.io/berriai/litellm:v1.108.11',
  databaseImage: 'postgres:16-alpine',
  engine: { endpoint: 'unix:///var/run/docker.sock', id: 'abc' },
  createdAt: '2026-01-01T00:00:00.000Z',
};

const tls = {
  ...({ proxy: 'nginx', host: 'llm.lan', bind: '0.0.0.0', httpsPort: 443, httpPort: 80, image: 'n:1' } as const),
  ...{ fingerprint: 'AB:CD', revision: 'r1', expires: '2028-01-01T00:00:00.000Z' },
};

async function project(text?: string, name = 'agents-llm') {
  const paths = projectPaths(await temporaryFolder(), name);
  await mkdir(paths.folder);
  if (text !== undefined) await writeFile(paths.state, text);
  return paths;
}

describe('a reverse proxy', () => {
  it('is remembered until it is removed', async () => {
    const paths = await project();
    await writeState(systemFiles, paths, { ...state, tls: { ...tls, source: { certificate: '/c', key: '/k' } } });
    expect((await readState(systemFiles, paths))?.tls).toEqual({ ...tls, source: { certificate: '/c', key: '/k' } });
    await writeState(systemFiles, paths, { ...state, tls });
    expect((await readState(systemFiles, paths))?.tls).toEqual(tls);
    await writeState(systemFiles, paths, { ...state, tls: undefined });
    expect(JSON.parse(await readFile(paths.state, 'utf8'))).not.toHaveProperty('tls');
  });
});

describe('readState', () => {
  it('returns nothing before the first up', async () => {
    expect(await readState(systemFiles, await project())).toBeUndefined();
  });

  it('returns the known fields', async () => {
    const paths = await project(JSON.stringify({ ...state, later: true }));
    expect(await readState(systemFiles, paths)).toEqual(state);
  });

  it.each([
    ['', 'it is empty'],
    ['\n', 'it is empty'],
    [JSON.stringify(state).slice(0, -20), 'it is incomplete or not JSON'],
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
  ])('rejects %j', async (text, problem) => {
    const paths = await project(text);
    const error = await caught(() => readState(systemFiles, paths));
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9, details: { path: paths.state } });
    expect(error.message).toBe(`${paths.state} cannot be used: ${problem}`);
    expect(error.hint).toContain('Correct the file (nothing was overwritten)');
    expect(error.hint).toContain(`mv ${paths.state} ${paths.state}.broken && agents-llm up`);
    expect(await readFile(paths.state, 'utf8')).toBe(text);
  });

  it.each([
    [{ port: '4000' }, 'port', 'must be a number from 1 to 65535'],
    [{ port: 0 }, 'port', 'must be a number from 1 to 65535'],
    [{ port: 65_536 }, 'port', 'must be a number from 1 to 65535'],
    [{ port: 4000.5 }, 'port', 'must be a number from 1 to 65535'],
    [{ bind: 'everywhere' }, 'bind', 'must be an IPv4 address'],
    [{ bind: undefined }, 'bind', 'must be an IPv4 address'],
    [{ image: 'a b' }, 'image', 'must be the name of an image'],
    [{ databaseImage: '' }, 'databaseImage', 'must be the name of an image'],
    [{ runtime: 'podman' }, 'runtime', 'must be one of docker, native'],
    [{ schemaVersion: undefined }, 'schemaVersion', 'must be 1'],
    [{ schemaVersion: 0 }, 'schemaVersion', 'must be 1'],
    [{ engine: 'here' }, 'engine', 'must be an object with endpoint and id'],
    [{ engine: { endpoint: 'x' } }, 'engine.id', 'must be text'],
    [{ createdAt: 'once' }, 'createdAt', 'must be a time'],
    [{ tls: 'nginx' }, 'tls', 'must be an object that describes the reverse proxy'],
    [{ tls: { ...tls, proxy: 'caddy' } }, 'tls.proxy', 'must be one of nginx, traefik'],
    [{ tls: { ...tls, httpsPort: 0 } }, 'tls.httpsPort', 'must be a number from 1 to 65535'],
    [{ externalDatabase: 'yes' }, 'externalDatabase', 'must be true'],
    [{ project: 5 }, 'project', 'must be the name of the project'],
  ])('names the invalid field of %j', async (change, field, rule) => {
    const error = await project(JSON.stringify({ ...state, ...change })).then((paths) =>
      caught(() => readState(systemFiles, paths)),
    );
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9, details: { field } });
    expect(error.message).toContain(`cannot be used: ${field} ${rule}`);
    expect(error.hint).toContain('Or move it');
  });

  it('rejects the file of a newer version', async () => {
    const paths = await project(JSON.stringify({ schemaVersion: 2, entirely: 'different' }));
    const error = await caught(() => readState(systemFiles, paths));
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9, details: { field: 'schemaVersion' } });
    expect(error.message).toContain('a newer version of agents-llm wrote it');
    expect(error.hint).toContain('Update agents-llm');
  });

  it('rejects the file of another project and names this project in the hint', async () => {
    const paths = await project(JSON.stringify(state), 'two');
    const error = await caught(() => readState(systemFiles, paths));
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9, details: { field: 'project' } });
    expect(error.message).toContain('project is "agents-llm", but its folder belongs to "two"');
    expect(forProject(error.hint ?? '', 'two')).toContain('agents-llm -p two up');
  });

  it('rejects a file that cannot be parsed', async () => {
    const paths = await project();
    await mkdir(paths.state);
    const error = await caught(() => readState(systemFiles, paths));
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9 });
    expect(error.hint).toContain('ls -ld');
  });
});

describe('writeState', () => {
  it('writes a file that it can read back, for the owner only', async () => {
    const paths = await project();
    await writeState(systemFiles, paths, state);
    expect(await readState(systemFiles, paths)).toEqual(state);
    expect((await stat(paths.state)).mode & 0o777).toBe(0o600);
    expect(await readFile(paths.state, 'utf8')).toBe(`${JSON.stringify(state, null, 2)}\n`);
    expect(await readdir(paths.folder)).toEqual(['state.json']);
  });

  it('preserves unknown fields', async () => {
    const paths = await project(JSON.stringify({ ...state, later: [1], engine: { ...state.engine, rootless: true } }));
    await writeState(systemFiles, paths, { ...state, port: 4001, engine: { endpoint: 'tcp://a', id: 'b' } });
    const written = JSON.parse(await readFile(paths.state, 'utf8'));
    expect(written).toMatchObject({ port: 4001, later: [1] });
    expect(written.engine).toEqual({ endpoint: 'tcp://a', id: 'b', rootless: true });
  });

  it('keeps a file that it cannot read', async () => {
    const paths = await project('{"schemaVersion":1,');
    const error = await caught(() => writeState(systemFiles, paths, state));
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9 });
    expect(error.hint).toContain('nothing was overwritten');
    expect(await readFile(paths.state, 'utf8')).toBe('{"schemaVersion":1,');
  });

  it('skips the write when nothing has changed', async () => {
    const paths = await project(`${JSON.stringify(state, null, 2)}\n`);
    const files = { read: systemFiles.read, write: () => Promise.reject(new Error('must not write')) };
    await expect(writeState(files, paths, state)).resolves.toBeUndefined();
  });

  it('explains a full disk', async () => {
    const paths = await project();
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const files = { read: systemFiles.read, write: () => Promise.reject(full) };
    const error = await caught(() => writeState(files, paths, state));
    expect(error).toMatchObject({ code: 'state_full', exitCode: 1, details: { path: paths.state } });
    expect(error.hint).toContain('Free space');
  });

  it('explains a path that is not a folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'agents-llm'), '');
    const error = await caught(() => writeState(systemFiles, projectPaths(folder, 'agents-llm'), state));
    expect(error.hint).not.toBeNull();
    expect(error).toMatchObject({ code: 'state_invalid', exitCode: 9, details: { system: 'ENOTDIR' } });
  });
});
