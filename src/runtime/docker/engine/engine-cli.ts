import * as z from 'zod/mini';
import type { RunResult } from '../../../io/processes/runner.ts';
import type { CliError } from '../../../model/errors.ts';
import { jsonValue } from '../../../text/json.ts';
import { Container } from './container.ts';
import type { DockerCli } from './docker-cli.ts';
import { commandOf, digestOf, type EngineClient, type EngineFilter, EngineInfo } from './engine-client.ts';
import { type EngineAddress, engineRefused, engineTrouble, engineUnreachable, lastLine } from './engine-error.ts';

const TIMEOUT_MS = 10_000;
const ABSENT = /no such (container|object|volume|image)/i;

/** Talks to the engine through the docker CLI: for endpoints that only the CLI can reach (ssh, TCP, TLS). */
export function engineCli(docker: DockerCli, address: EngineAddress): EngineClient {
  const ask = async (args: readonly string[]) => {
    const result = await docker(args, { timeoutMs: TIMEOUT_MS });
    if (result.exitCode !== 0 && !ABSENT.test(result.stderr)) throw failure(result, address);
    return result;
  };
  const lines = async (args: readonly string[]) =>
    (await ask(args)).stdout.split(/\r?\n/).filter((line) => line !== '');
  const exists = async (args: readonly string[]) => (await ask(args)).exitCode === 0;
  const image = async (reference: string) => {
    const result = await ask(['image', 'inspect', '--format', '{{json .}}', reference]);
    return result.exitCode === 0 ? parse(z.unknown(), result.stdout, address) : undefined;
  };
  return {
    async info() {
      const result = await ask(['info', '--format', '{{json .}}']);
      const info = parse(EngineInfo, result.stdout, address);
      // The command ends with 0 even if it got no answer that it understands.
      if (info.OSType === '') throw failure(result, address);
      return info;
    },
    async containers(filter) {
      const ids = await lines(['ps', '-aq', '--no-trunc', '--filter', filterText(filter)]);
      if (ids.length === 0) return [];
      // Leaves out containers that were removed meanwhile.
      return parse(z.array(Container), (await ask(['inspect', '--type', 'container', ...ids])).stdout, address);
    },
    volumes: (filter) => lines(['volume', 'ls', '--format', '{{.Name}}', '--filter', filterText(filter)]),
    networks: (filter) => lines(['network', 'ls', '--format', '{{.Name}}', '--filter', filterText(filter)]),
    hasVolume: (name) => exists(['volume', 'inspect', '--format', '{{.Name}}', name]),
    async imageDigest(reference) {
      const inspected = await image(reference);
      return inspected === undefined ? undefined : digestOf(inspected);
    },
    imageCommand: async (reference) => commandOf(await image(reference)),
  };
}

function filterText({ key, value }: EngineFilter): string {
  return `${key}=${value}`;
}

function failure(result: RunResult, address: EngineAddress): CliError {
  if (result.outcome === 'timeout') return engineUnreachable(address, 'timed out');
  return (
    engineTrouble(result.stderr, address) ??
    engineUnreachable(address, lastLine(result.stderr) || `exit code ${result.exitCode}`)
  );
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, address: EngineAddress): T {
  const parsed = schema.safeParse(jsonValue(text));
  if (parsed.success) return parsed.data;
  throw engineRefused(address, 'unknown response format');
}
