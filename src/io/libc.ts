interface NodeReport {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

/** Whether the Node with this platform and diagnostic report was built for musl: only with glibc it tells a version. */
export function isBuiltForMusl(platform: NodeJS.Platform, report: () => object): boolean {
  return platform === 'linux' && (report() as NodeReport).header?.glibcVersionRuntime === undefined;
}
