/** Whether two names refer to the same image: Podman reports full names, Docker omits the registry. */
export function isSameImage(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && shortName(one) === shortName(other));
}

/** `postgres:16` for `docker.io/library/postgres:16`, and for `localhost/postgres:16`, Podman's name for a local build. */
function shortName(image: string): string {
  return image.replace(/^(?:localhost\/|(?:index\.)?docker\.io\/(?:library\/)?)/, '');
}
