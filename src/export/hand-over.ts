import { effectiveVariables, type GatewayVariable } from '../model/gateway-environment.ts';
import type { LitellmFiles } from '../model/litellm-files.ts';
import { DEFAULT_DATABASE_IMAGE, DEFAULT_IMAGE, type StackSpec } from '../model/stack-spec.ts';
import type { StackSecrets } from '../project/secrets.ts';
import type { StackState } from '../project/state.ts';

/** A stack that is exported to continue elsewhere. */
export interface Leaving {
  readonly spec: StackSpec;
  readonly secrets: StackSecrets;
  readonly secretsFile: string;
  /** The gateway's variables besides the stack's own. */
  readonly variables: readonly GatewayVariable[];
  /** LiteLLM's own configuration and the files it names. */
  readonly litellmFiles: LitellmFiles | undefined;
  /** Warnings about its image. */
  readonly warnings: readonly string[];
  /** Whether it has an HTTPS reverse proxy, which is not exported. */
  readonly hasReverseProxy: boolean;
}

export interface HandOverFile {
  readonly name: string;
  readonly text: string;
}

/** The exported files. */
export interface HandOver {
  /** Holds no secret; begins with the steps that move the data. */
  readonly main: HandOverFile;
  readonly secrets: HandOverFile;
  /** What main needs beside it. */
  readonly others: readonly HandOverFile[];
  readonly warnings: readonly string[];
}

/** The stack as it would run in containers, even if it runs natively. */
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

/** Files that variables refer to are not exported. */
export function fileWarnings(variables: readonly GatewayVariable[]): string[] {
  return effectiveVariables(variables).flatMap(({ name, file }) =>
    file === undefined ? [] : [`The export has no ${name}, because it names a file of this machine: ${file}`],
  );
}

/** The way out is that of this machine's network. */
export function networkWarnings(variables: readonly GatewayVariable[]): string[] {
  const authority = effectiveVariables(variables).find(({ network }) => network === 'ca');
  const hasProxy = variables.some(({ network }) => network === 'proxy');
  return [
    ...(hasProxy ? ['The export has no HTTP proxy, so set HTTPS_PROXY there if the gateway needs one'] : []),
    ...(authority
      ? [`The export has no certificate authority, so give LiteLLM there the one in ${authority.file}`]
      : []),
  ];
}

/** A comment; an indented line in it is a command to run. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}
