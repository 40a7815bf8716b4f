import { expect, test } from 'vitest';
import { uvProgress } from '../../../../../src/runtime/native/install/uv-progress.ts';

test('counts packages and megabytes during the download', () => {
  const told: string[] = [];
  const hear = uvProgress((text) => told.push(text));
  for (const line of [
    'Using Python 3.11.7 environment at: /n',
    'Resolved 122 packages in 544ms',
    'Downloading numpy (16.1MiB)',
    'Downloading litellm (35.4MiB)',
    ' Downloaded numpy',
    ' Downloaded litellm',
    'Installed 122 packages in 250ms',
    ' + anyio==4.16.0',
  ])
    hear(line);
  expect(told).toEqual([
    'Resolved 122 packages in 544ms',
    '0 of 1 large packages, 0 of 17 MB',
    '0 of 2 large packages, 0 of 54 MB',
    '1 of 2 large packages, 17 of 54 MB',
    '2 of 2 large packages, 54 of 54 MB',
    'Installed 122 packages in 250ms',
  ]);
});
