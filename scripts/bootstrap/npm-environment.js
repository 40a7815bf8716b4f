/**
 * npm hands its own settings to every child as `npm_config_*`. Under `npx agents-llm` those speak of the npx call, and
 * some would send our `npm ci` elsewhere or make it leave packages out. How npm reaches the registry is kept.
 */
const unwanted = new Set([
  ...['omit', 'include', 'only', 'also', 'dev', 'production', 'optional', 'os', 'cpu', 'libc'],
  ...[
    'global',
    'location',
    'prefix',
    'local_prefix',
    'global_prefix',
    'workspace',
    'workspaces',
    'include_workspace_root',
  ],
  ...['package', 'call', 'yes', 'dry_run', 'package_lock', 'package_lock_only', 'shrinkwrap', 'before'],
  ...['install_links', 'install_strategy', 'global_style', 'legacy_bundling', 'json', 'silent', 'loglevel'],
]);

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isUnwanted(name)));
}

/** @param {string} name */
function isUnwanted(name) {
  const setting = /^npm_config_(.*)/i.exec(name)?.[1];
  return setting !== undefined && unwanted.has(setting.toLowerCase().replaceAll('-', '_'));
}
