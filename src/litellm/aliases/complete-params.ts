import { type AliasTarget, ownParams, type Params } from '../admin/alias-rows.ts';
import type { ModelRow } from '../admin/schemas.ts';

/** A date or `latest` after a name leaves it the same model. */
const VERSION = /^-(\d{8}|\d{4}-\d\d-\d\d|latest)$/;

/** Whether applications that know models by their names expect another one than they get. */
function namesAnotherModel(name: string, target: string): boolean {
  const [expected = '', actual = ''] = [name, target].map((text) => text.slice(text.lastIndexOf('/') + 1));
  return expected !== actual && !(actual.startsWith(expected) && VERSION.test(actual.slice(expected.length)));
}

/** The `litellm_params` of its row, as asked for. */
export function wantedParams({ params, target, credential }: AliasTarget): Params {
  return { ...params, model: target, ...(credential === undefined ? {} : { litellm_credential_name: credential }) };
}

/**
 * As asked for, and with `drop_params` where the name promises another model: a program sends what that one takes, and the
 * target would refuse it. A row that leads to this target already stays as somebody has it.
 */
export function completeParams(name: string, alias: AliasTarget, row?: ModelRow): Params {
  const wanted = wantedParams(alias);
  if ('drop_params' in wanted || !namesAnotherModel(name, alias.target)) return wanted;
  const stays = row?.litellm_params.model === alias.target && !ownParams(row).includes('drop_params');
  const dropParams = stays ? row.litellm_params.drop_params : true;
  return dropParams == null ? wanted : { ...wanted, drop_params: dropParams };
}
