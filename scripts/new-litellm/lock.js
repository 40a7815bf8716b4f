/**
 * The packages of a lock file, by name.
 * @param {string} text
 * @returns {Map<string, string>}
 */
export function lockedPackages(text) {
  return new Map(
    [...text.matchAll(/^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)/gim)].map(([, name = '', version = '']) => [
      name,
      version,
    ]),
  );
}

/**
 * @param {ReadonlyMap<string, string>} before
 * @param {ReadonlyMap<string, string>} after
 * @returns {string[]}
 */
export function lockChanges(before, after) {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [
      old === undefined
        ? `${name} ${now} is new`
        : now === undefined
          ? `${name} is gone`
          : `${name} ${old} is now ${now}`,
    ];
  });
}

/**
 * What uv says that the index lacks, such as `litellm-proxy-extras==0.4.30`.
 * @param {string} output
 * @returns {string[]}
 */
export function missingPackages(output) {
  const text = output.replace(/\s+/g, ' ');
  const lacking = [
    ...text.matchAll(/there (?:is|are) no versions? of ([\w.-]+(?:\[[^\]]*\])?[=<>!~]*[\w.*]*)/gi),
    ...text.matchAll(/([\w.-]+) was not found in the (?:package registry|provided package locations)/gi),
  ];
  return [...new Set(lacking.map(([, name = '']) => name))];
}

/**
 * Why no lock file could be made, from what scripts/lock-python.js printed.
 * @param {string} output
 * @returns {string}
 */
export function lockFailure(output) {
  if (output.includes('spawnSync uv ENOENT')) return 'uv not found on PATH. Install it: python3 -m pip install uv';
  const lacking = missingPackages(output);
  return lacking.length > 0 ? `The package index lacks ${lacking.join(', ')}` : output.trim();
}
