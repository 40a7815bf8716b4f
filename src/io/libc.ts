interface NodeReport {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

/** Whether Node was built for musl: its diagnostic report has a glibc version only if it was built for glibc. */
export function isBuiltForMusl(platform: NodeJS.Platform, report: () => object): boolean {
  return platform === 'linux' && (report() as NodeReport).header?.glibcVersionRuntime === undefined;
}
