const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /CERTIFICATE_VERIFY_FAILED|certificate verify failed|self.signed certificate|unable to get local issuer/i,
    "Give the gateway your company's certificate authority: agents-llm up --ca FILE",
  ],
  [
    /\b407\b|Proxy Authentication Required|ProxyError|ProxyConnectionError|HttpProxyError|connect to proxy/i,
    'See what is wrong with the HTTP proxy: agents-llm doctor --online',
  ],
  [
    /Name or service not known|nodename nor servname|name resolution|getaddrinfo|Connection error|Cannot connect to host|ECONNREFUSED/i,
    'See what keeps the gateway from the provider: agents-llm doctor --online',
  ],
];

const MOST_READ = 20_000;

/** What mends the gateway's way out, where the words of its HTTP client, stack trace included, say what is wrong with it. */
export function networkHint(words: string): string | undefined {
  const read = words.slice(0, MOST_READ);
  return HINTS.find(([pattern]) => pattern.test(read))?.[1];
}
