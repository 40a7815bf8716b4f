import { cleanMessage } from '../admin/litellm-message.ts';
import { listModels, servedAliases } from '../admin/models.ts';
import { alignColumns, type Outcome } from '../report.ts';
import type { Invocation } from './invocation.ts';
import { type AdminFlags, openAdmin } from './open-admin.ts';

export interface AliasRow {
  readonly name: string;
  readonly target: string;
  readonly provider: string | null;
  /** Whether the router serves it. */
  readonly live: boolean;
  /** US dollars for a million tokens; null when LiteLLM knows no price. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

export async function runAliasList(
  flags: AdminFlags,
  invocation: Invocation,
): Promise<Outcome<{ aliases: AliasRow[] }>> {
  const { client } = await openAdmin(invocation, flags);
  const [rows, names] = await Promise.all([listModels(client), servedAliases(client)]);
  const served = new Set(names);
  const price = (perToken: number | null | undefined) =>
    perToken == null ? null : Number((perToken * 1e6).toPrecision(6));
  const aliases = rows.map(({ model_name: name, litellm_params: params, model_info: info }) => ({
    name,
    target: String(params.model ?? ''),
    provider: typeof params.litellm_credential_name === 'string' ? params.litellm_credential_name : null,
    live: served.has(name),
    inputPrice: price(info.input_cost_per_token),
    outputPrice: price(info.output_cost_per_token),
  }));
  return { data: { aliases } };
}

export function renderAliases({ aliases }: { readonly aliases: readonly AliasRow[] }): string {
  if (aliases.length === 0) return 'no alias yet\n';
  const rows = aliases.map((row) => [
    cleanMessage(row.name),
    cleanMessage(row.target),
    cleanMessage(row.provider ?? '-'),
    row.live ? 'live' : 'not served',
    row.inputPrice === null ? '-' : `$${row.inputPrice} / $${row.outputPrice ?? '?'}`,
  ]);
  return `${alignColumns([['NAME', 'TARGET', 'PROVIDER', 'STATE', 'PER 1M TOKENS'], ...rows])}\n`;
}
