import { dirname, join, relative, sep } from 'node:path';
import type { Context } from '../../context/context.ts';
import { templateFile } from '../../package-files.ts';

const SCHEMA = 'agents-llm.schema.json';
const INSTALLED = `node_modules/agents-llm/templates/${SCHEMA}`;

export interface SchemaReference {
  /** The path for the first line of a file in that folder. */
  readonly path: string;
  /** Whether the schema exists already; otherwise it will once the package is installed in the project. */
  readonly found: boolean;
}

/** The schema in the project's node_modules, or in this checkout if the project is agents-llm itself. */
export async function schemaReference(folder: string, { files }: Pick<Context, 'files'>): Promise<SchemaReference> {
  const exists = async (path: string) => (await files.owner(path)) !== undefined;
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, INSTALLED))) return { path: pathFrom(folder, join(at, INSTALLED)), found: true };
    if ((await exists(join(at, '.git'))) || dirname(at) === at) {
      const own = templateFile(SCHEMA);
      if (own.startsWith(at + sep) && dirname(at) !== at) return { path: pathFrom(folder, own), found: true };
      return { path: `./${INSTALLED}`, found: false };
    }
  }
}

function pathFrom(folder: string, path: string): string {
  const steps = relative(folder, path).split(sep).join('/');
  return steps.startsWith('.') ? steps : `./${steps}`;
}
