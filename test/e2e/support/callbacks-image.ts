import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_IMAGE } from '../../../src/model/stack-spec.ts';
import { docker, hasImage } from './docker.ts';
import { installUv } from './uv.ts';

const LOCAL = `agents-llm-test/litellm-callbacks:${DEFAULT_IMAGE.split(':').at(-1)}`;
/** Of LiteLLM's extra `proxy-runtime`, which the official image has. */
const PACKAGES = [
  'prometheus-client',
  'langfuse>=4.7,<5',
  'opentelemetry-api==1.45.2',
  'opentelemetry-sdk==1.45.2',
  'opentelemetry-exporter-otlp==1.45.2',
];
const MODULES = ['prometheus_client', 'langfuse', 'opentelemetry.sdk', 'opentelemetry.exporter.otlp.proto.http'];
const LOOK = `
import importlib.metadata as m, importlib.util as u, litellm, os, sys
def there(n):
    try: return u.find_spec(n) is not None
    except ModuleNotFoundError: return False
print(all(there(n) for n in sys.argv[1:]))
print(os.path.dirname(os.path.dirname(litellm.__file__)))
print("%d.%d" % sys.version_info[:2])
print("\\n".join(sorted({f"{d.metadata['Name']}=={d.version}" for d in m.distributions()})))
`;

/** LiteLLM's image, with the packages of its callbacks where a stand-in for the official one lacks them. */
export function callbacksImage(): string {
  if (hasImage(LOCAL)) return LOCAL;
  const look = ['run', '--rm', '--entrypoint', 'python3', DEFAULT_IMAGE, '-c', LOOK, ...MODULES];
  const [hasAll, folder = '', python = '', ...installed] = docker(...look).split('\n');
  if (hasAll === 'True') return DEFAULT_IMAGE;
  build({ folder, python, installed });
  return LOCAL;
}

interface Base {
  readonly folder: string;
  readonly python: string;
  /** What it has already stays at its version. */
  readonly installed: readonly string[];
}

function build({ folder, python, installed }: Base): void {
  const work = mkdtempSync(join(tmpdir(), 'callbacks-image-'));
  try {
    writeFileSync(join(work, 'constraints.txt'), installed.join('\n'));
    const target = join(work, 'packages');
    mkdirSync(target);
    const uv = join(installUv(work), 'uv');
    const where = ['--python-version', python, '--python-platform', 'x86_64-manylinux_2_28', '--target', target];
    const given = ['--constraints', join(work, 'constraints.txt'), ...PACKAGES];
    execFileSync(uv, ['pip', 'install', '-q', ...where, ...given], { stdio: 'pipe' });
    writeFileSync(join(work, 'Dockerfile'), `FROM ${DEFAULT_IMAGE}\nCOPY packages ${folder}\n`);
    writeFileSync(join(work, '.dockerignore'), '*\n!packages\n');
    docker('build', '-q', '-t', LOCAL, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
