// How long `npm test` takes.
import { spawnSync } from 'node:child_process';

const LIMIT_S = 300;

/**
 * @param {string} root
 * @returns {import('./measure.js').Row}
 */
export function testRow(root) {
  const began = Date.now();
  const { status } = spawnSync('npm', ['test'], { cwd: root, stdio: 'ignore' });
  const took = Date.now() - began;
  const shown = `${(took / 1000).toFixed(0)} s`;
  console.log(`npm test: ${shown}, exit code ${status} (at most ${LIMIT_S} s)`);
  const held = status === 0 && took <= LIMIT_S * 1000 ? 'yes' : 'NO';
  return ['`npm test`', `exit code ${status}`, String(took), '', shown, `${LIMIT_S} s`, held, 1];
}
