import { parse } from 'yaml';
import { asRecord, isRecord } from '../../text/json.ts';
import type { Path } from './import-report.ts';

/** The service of a Compose file that runs LiteLLM. */
export interface ComposeService {
  readonly service: Readonly<Record<string, unknown>>;
  /** Where it is in the file. */
  readonly path: Path;
  readonly mounts: readonly Mount[];
  /** The names of all other services. */
  readonly others: readonly string[];
}

/** What of the host a container sees under which path. */
export interface Mount {
  readonly source: string;
  readonly target: string;
}

/** Undefined when no service runs LiteLLM, or the text is not a Compose file. */
export function serviceIn(text: string): ComposeService | undefined {
  try {
    const { services } = parse(text, { merge: true }) as { services?: unknown };
    const all = Object.entries(asRecord(services)).flatMap(([name, service]) =>
      isRecord(service) ? [{ name, service }] : [],
    );
    const found =
      all.find(
        ({ service: { image } }) => /litellm/i.test(String(image ?? '')) && !/postgres|redis/i.test(String(image)),
      ) ?? all.find(({ service }) => wordsOf(service.command).includes('--config'));
    return (
      found && {
        service: found.service,
        path: ['services', found.name],
        mounts: mountsOf(found.service.volumes),
        others: all.flatMap(({ name }) => (name === found.name ? [] : [name])),
      }
    );
  } catch {
    return undefined;
  }
}

export const wordsOf = (command: unknown): readonly string[] =>
  typeof command === 'string' ? command.split(/\s+/) : Array.isArray(command) ? command.map(String) : [];

const mountsOf = (volumes: unknown): readonly Mount[] => (Array.isArray(volumes) ? volumes.flatMap(mountOf) : []);

function mountOf(volume: unknown): readonly Mount[] {
  if (typeof volume === 'string') {
    const [source = '', target = ''] = volume.split(':');
    return /^[./~]/.test(source) ? [{ source, target }] : [];
  }
  const { source, target } = (volume ?? {}) as { source?: unknown; target?: unknown };
  return typeof source === 'string' && typeof target === 'string' ? [{ source, target }] : [];
}
