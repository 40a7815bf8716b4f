/** The repositories in which LiteLLM's project publishes its images. */
const KNOWN_IMAGES: ReadonlySet<string> = new Set(
  ['litellm', 'litellm-database', 'litellm-non_root'].flatMap((name) => [
    `ghcr.io/berriai/${name}`,
    `docker.litellm.ai/berriai/${name}`,
    `docker.io/litellm/${name}`,
  ]),
);

export function isKnownImage(image: string): boolean {
  return KNOWN_IMAGES.has(repositoryOf(image));
}

/** The full name without tag and digest: `litellm/litellm:v1` is `docker.io/litellm/litellm`. */
export function repositoryOf(image: string): string {
  const name = image.replace(/@.*$/s, '').replace(/:[^:/]+$/, '');
  const [first = '', ...rest] = name.split('/');
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return name;
  return `docker.io/${rest.length === 0 ? `library/${name}` : name}`;
}
