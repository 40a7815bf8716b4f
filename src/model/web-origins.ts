import { proxyUrl, publicUrl, type StackSpec } from './stack-spec.ts';

type Gateway = Pick<StackSpec, 'bind' | 'port' | 'tls' | 'corsOrigins'>;

/** The value of `LITELLM_CORS_ORIGINS`: the gateway's own addresses and the configured origins. An empty value would allow all. */
export function allowedOrigins(spec: Gateway): string {
  const local = proxyUrl(spec);
  const own = [local, local.replace('//127.0.0.1:', '//localhost:'), publicUrl(spec), ...(spec.corsOrigins ?? [])];
  return [...new Set(own.map(asBrowsersSayIt))].join(',');
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[1-9]\d{0,4})?$/;

/** The origin as browsers send it, or undefined if the text is not an origin. */
export function originOf(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (!ORIGIN.test(lower) || Number(/:(\d+)$/.exec(lower)?.[1] ?? 0) > 65_535) return undefined;
  return asBrowsersSayIt(lower);
}

/** Without the port that its scheme implies. */
function asBrowsersSayIt(origin: string): string {
  return origin.replace(/^(http:\/\/.*):80$/, '$1').replace(/^(https:\/\/.*):443$/, '$1');
}
