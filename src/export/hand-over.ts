import { effectiveVariables, type GatewayVariable } from '../model/gateway-environment.ts';
import { DEFAULT_DATABASE_IMAGE, DEFAULT_IMAGE, type StackSpec } from '../model/stack-spec.ts';
import type { StackSecrets } from '../project/secrets.ts';
import type { StackState } from '../project/state.ts';

/** A stack that goes on elsewhere. */
export interface Leaving {
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
  readonly secretsFile: string;
  /** Those of the gateway beside the stack's own. */
  readonly variables: readonly GatewayVariable[];
  /** What is known against its image. */
  readonly warnings: readonly string[];
  /** Whether it has one with TLS, which stays behind. */
  readonly hasReverseProxy: boolean;
}

export interface HandOverFile {
  readonly name: string;
  readonly text: string;
}

/** What is handed over, and with which secrets. */
export interface HandOver {
  /** Holds no secret; begins with the steps that move the data. */
  readonly main: HandOverFile;
  readonly secrets: HandOverFile;
  readonly warnings: readonly string[];
}

/** In images, also of a stack that runs without them. */
export function specInImages(state: StackState): StackSpec {
  const { project, bind, port, image, databaseImage, runtime, corsOrigins } = state;
  if (runtime === 'docker') return { project, bind, port, image, databaseImage, corsOrigins };
  const version = /^litellm==(\S+)$/.exec(image)?.[1];
  return {
    project,
    bind,
    port,
    image: version === undefined ? DEFAULT_IMAGE : `${DEFAULT_IMAGE.split(':')[0]}:v${version}`,
    databaseImage: DEFAULT_DATABASE_IMAGE,
    corsOrigins,
  };
}

/** Files that variables name stay on this machine. */
export function fileWarnings(variables: readonly GatewayVariable[]): string[] {
  return effectiveVariables(variables).flatMap(({ name, file }) =>
    file === undefined ? [] : [`The export has no ${name}, because it names a file of this machine: ${file}`],
  );
}

/** A comment; an indented line in it is a command to run. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}
