/** Whether two names of an image mean the same: Podman gives all of a name that Docker leaves out the beginning of. */
export function isSameImage(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && shortName(one) === shortName(other));
}

/** `docker.io/library/postgres:16` is `postgres:16`, and so is `localhost/postgres:16`, as Podman calls one that was built here. */
function shortName(image: string): string {
  return image.replace(/^(?:localhost\/|(?:index\.)?docker\.io\/(?:library\/)?)/, '');
}
