import { CliError } from '../../../model/errors.ts';
import { environmentFiles, environmentValues, type GatewayVariable } from '../../../model/gateway-environment.ts';
import { LOOPBACK } from '../../../model/no-proxy.ts';
import { DATABASE, PROXY } from '../../../model/service.ts';
import { DOCKER_NAME } from '../../../model/this-machine.ts';

/** Where the container finds the files that variables name. */
const CONTAINER_FILES = '/etc/agents-llm/files';
/** Where the container's entry point writes the certificates. */
const CONTAINER_CERTIFICATES = '/tmp/agents-llm-ca.pem';

/** Hosts that the gateway reaches without an HTTP proxy: itself, its database, and models on this machine. */
export const SPARED_HOSTS = [...LOOPBACK, DATABASE, DOCKER_NAME];

const PLACE = {
  files: CONTAINER_FILES,
  spared: SPARED_HOSTS,
  certificates: CONTAINER_CERTIFICATES,
  machine: DOCKER_NAME,
};

/** A Compose file that gives the gateway these variables; undefined without any. `folder` contains their files. */
export function composeEnvironment(variables: readonly GatewayVariable[], folder: string): string | undefined {
  if (variables.length === 0) return undefined;
  const values = environmentValues(variables, PLACE);
  const mount = { type: 'bind', source: literal(folder), target: CONTAINER_FILES, read_only: true };
  const gateway = {
    environment: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, literal(value)])),
    ...(environmentFiles(variables).size > 0 && { volumes: [mount] }),
  };
  return `${yaml({ services: { [PROXY]: gateway } })}\n`;
}

/** Compose would interpolate a `$`. */
const literal = (value: string) => value.replaceAll('$', '$$$$');

/** JSON is YAML, except for Unicode line breaks, which YAML would fold. */
function yaml(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Refuses files for a container on another machine, which cannot mount files of this one. */
export function requireMountable(variables: readonly GatewayVariable[], endpoint: string): void {
  const [named] = environmentFiles(variables).keys();
  if (named === undefined || /^(unix|npipe):/.test(endpoint)) return;
  const [variable] = named.split('.');
  throw new CliError(
    'usage',
    `The gateway on ${endpoint} cannot read files of this machine, but ${variable} names one`,
    {
      hint: 'Give the gateway the content in a variable instead\nOr use an engine of this machine: --runtime auto without DOCKER_HOST',
      details: { variable, endpoint },
    },
  );
}
