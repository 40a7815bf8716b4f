/** The target of a redirect: another origin (`https://login.example`), a path of the same one, or `nowhere`. */
export function redirectTarget(url: string, location: string | undefined): string {
  if (location === undefined || !URL.canParse(location, url)) return 'nowhere';
  const to = new URL(location, url);
  return to.origin === new URL(url).origin ? to.pathname : to.origin;
}
