import { type AliasTarget, ownParams, type Params } from '../admin/alias-rows.ts';
import type { ModelRow } from '../admin/schemas.ts';

/** A suffix that does not make it another model: a date or `latest`. */
const VERSION = /^-(\d{8}|\d{4}-\d\d-\d\d|latest)$/;

/** Whether the name of the alias suggests another model than the target. */
function namesAnotherModel(name: string, target: string): boolean {
  const [expected = '', actual = ''] = [name, target].map((text) => text.slice(text.lastIndexOf('/') + 1));
  return expected !== actual && !(actual.startsWith(expected) && VERSION.test(actual.slice(expected.length)));
}

/** The `litellm_params` of a row, as asked for. */
export function wantedParams({ params, target, credential }: AliasTarget): Params {
  return { ...params, model: target, ...(credential === undefined ? {} : { litellm_credential_name: credential }) };
}

/**
 * As asked for, and with `drop_params` if the name suggests another model: applications send that model's parameters, which
 * the target would refuse. A row that already has this target keeps its setting.
 */
export function completeParams(name: string, alias: AliasTarget, row?: ModelRow): Params {
  const wanted = wantedParams(alias);
  if ('drop_params' in wanted || !namesAnotherModel(name, alias.target)) return wanted;
  const stays = row?.litellm_params.model === alias.target && !ownParams(row).includes('drop_params');
  const dropParams = stays ? row.litellm_params.drop_params : true;
  return dropParams == null ? wanted : { ...wanted, drop_params: dropParams };
}
