import * as z from 'zod/mini';
import { MODES } from '../aliases/alias-fields.ts';
import { price, text } from './schema-values.ts';

const TARGET_FIELDS = {
  provider: z.optional(text('The entry of `providers` whose key is used.')),
  mode: z.optional(
    z
      .enum(MODES, `must be one of ${MODES.join(', ')}`)
      .check(z.describe('What the model is for, if LiteLLM does not know it.')),
  ),
  base_model: z.optional(text('The model whose price is used, if LiteLLM does not know the target.')),
  input_price: z.optional(price('US dollars per million input tokens.')),
  output_price: z.optional(price('US dollars per million output tokens.')),
  params: z.optional(
    z
      .record(z.string(), z.unknown(), 'must be a map')
      .check(z.describe('Additional litellm_params, such as temperature. `drop_params: false` sends every parameter.')),
  ),
};

const A_MODEL = 'The target model, as LiteLLM names it, such as openai/gpt-4o.';

export const TARGET = z.strictObject(
  {
    target: text(A_MODEL),
    weight: z.optional(
      z
        .number('must be a number')
        .check(z.positive('must be above 0'), z.describe('How often it is used, compared with the other targets.')),
    ),
    ...TARGET_FIELDS,
  },
  'must be a map, such as: target: openai/gpt-4o',
);

export const ALIAS = z
  .strictObject(
    {
      target: z.optional(text(A_MODEL)),
      targets: z.optional(
        z
          .array(TARGET, 'must be a list of targets')
          .check(
            z.minLength(2, 'must name two targets or more'),
            z.describe('Several targets, instead of `target`. LiteLLM balances the load between them.'),
          ),
      ),
      mock: z.optional(text('The answer to every request, without calling a model.')),
      fallbacks: z.optional(
        z
          .array(text('An alias.'), 'must be a list of aliases')
          .check(z.describe('The aliases that are tried in turn when this one fails. [] removes them.')),
      ),
      ...TARGET_FIELDS,
    },
    'must be a map, such as: target: openai/gpt-4o',
  )
  .check(
    z.refine(({ target, targets, mock }) => target !== undefined || targets !== undefined || mock !== undefined, {
      path: ['target'],
      message: 'is missing',
    }),
  );
