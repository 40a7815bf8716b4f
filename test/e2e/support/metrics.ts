export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of Prometheus's text format; throws for a line that Prometheus could not read. */
export function parseMetrics(text: string): readonly Sample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !/^# (HELP|TYPE|EOF)/.test(line));
  return lines.map((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line) ?? [];
    const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
    if (name === undefined || (Number.isNaN(number) && value !== 'NaN')) throw new Error(`not a sample: ${line}`);
    const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
    return { name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: number };
  });
}
