import { CliError } from '../../../model/errors.ts';
import { environmentFiles, environmentValues, type GatewayVariable } from '../../../model/gateway-environment.ts';
import { LOOPBACK } from '../../../model/no-proxy.ts';
import { DATABASE, PROXY } from '../../../model/service.ts';

/** Where the container finds the files that variables name. */
const CONTAINER_FILES = '/etc/agents-llm/files';
/** Where its entry point writes the certificates. */
const CONTAINER_CERTIFICATES = '/tmp/agents-llm-ca.pem';
/** This machine, for the container. */
const MACHINE = 'host.docker.internal';

/** The container itself, its database, and models on this machine. */
export const SPARED_HOSTS = [...LOOPBACK, DATABASE, MACHINE];

const PLACE = {
  files: CONTAINER_FILES,
  spared: SPARED_HOSTS,
  certificates: CONTAINER_CERTIFICATES,
  machine: MACHINE,
};

/** A Compose file that gives the gateway these variables; undefined where there are none. `folder` holds their files. */
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

/** Compose would take what follows a `$` for the name of a variable. */
const literal = (value: string) => value.replaceAll('$', '$$$$');

/** JSON is YAML, but for line breaks of Unicode, which YAML would fold. */
function yaml(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Refuses files for a container on another machine, which cannot see those of this one. */
export function requireMountable(variables: readonly GatewayVariable[], endpoint: string): void {
  const [name] = environmentFiles(variables).keys();
  if (name === undefined || /^(unix|npipe):/.test(endpoint)) return;
  const variable = variables.find((one) => name.startsWith(one.name))?.name ?? name;
  throw new CliError(
    'usage',
    `The gateway on ${endpoint} cannot read files of this machine, but ${variable} names one`,
    {
      hint: 'Give the gateway the content in a variable instead\nOr use an engine of this machine: --runtime auto without DOCKER_HOST',
      details: { variable, endpoint },
    },
  );
}
