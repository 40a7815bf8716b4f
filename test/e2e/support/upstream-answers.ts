import { randomUUID } from 'node:crypto';

/** What a provider answers with: JSON at once, or the events of a stream, each with its name or without one. */
export interface UpstreamAnswer {
  readonly whole: object;
  readonly events: readonly (readonly [name: string | null, data: object | '[DONE]'])[];
}

const PIECES = ['po', 'ng'];
const TEXT = PIECES.join('');

/** The APIs that LiteLLM calls, by the end of their path; undefined for all others. */
export function upstreamAnswer(path: string, model: string): UpstreamAnswer | undefined {
  if (path.endsWith('/chat/completions')) return chatCompletion(model);
  if (path.endsWith('/responses')) return response(model);
  if (path.endsWith('/embeddings')) return embedding(model);
  const [, whole] = PLAIN.find(([end]) => end.test(path)) ?? [];
  return whole && { whole: { model, ...whole }, events: [] };
}

/** What is asked for without a stream only. */
const PLAIN: readonly (readonly [end: RegExp, whole: object])[] = [
  [/\/images\/generations$/, { created: 1, data: [{ url: 'http://pictures.example/1.png' }] }],
  [/\/audio\/speech$/, { audio: TEXT }],
  // Anthropic, of its own and by Bedrock
  [
    /\/v1\/messages$|\/invoke$/,
    {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', stop_reason: 'end_turn', stop_sequence: null },
      content: [{ type: 'text', text: TEXT }],
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  ],
  // Ollama
  [/\/api\/show$/, { template: '', model_info: {}, capabilities: ['completion'] }],
  [/\/api\/chat$/, { message: { role: 'assistant', content: TEXT }, done: true, prompt_eval_count: 1, eval_count: 1 }],
  [/\/api\/generate$/, { response: TEXT, done: true, prompt_eval_count: 1, eval_count: 1 }],
  [/\/api\/embed$/, { embeddings: [[0.1, 0.2, 0.3]], prompt_eval_count: 1 }],
  // Gemini
  [
    /:generateContent$/,
    {
      candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    },
  ],
  // Bedrock's own
  [
    /\/converse$/,
    {
      output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    },
  ],
];

function chatCompletion(model: string): UpstreamAnswer {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  // LiteLLM's log has one row for each id.
  const shared = { id: `chatcmpl-${randomUUID()}`, created: 1, model };
  const message = { role: 'assistant', content: TEXT };
  const chunk = (choices: readonly object[], more: object = {}) =>
    [null, { ...shared, object: 'chat.completion.chunk', choices, ...more }] as const;
  return {
    whole: { ...shared, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message }], usage },
    events: [
      ...PIECES.map((content) => chunk([{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      chunk([], { usage }),
      [null, '[DONE]'],
    ],
  };
}

function response(model: string): UpstreamAnswer {
  const whole = (status: string, output: readonly object[]) => ({
    ...RESPONSE,
    model,
    status,
    output,
    ...(status === 'completed' ? { usage: RESPONSE_USAGE } : {}),
  });
  const content = [{ type: 'output_text', text: TEXT, annotations: [] }];
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content };
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events: readonly (readonly [string, object])[] = [
    ['response.created', { response: whole('in_progress', []) }],
    ['response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress', content: [] } }],
    ['response.content_part.added', { ...at, part: { ...content[0], text: '' } }],
    ...PIECES.map((delta) => ['response.output_text.delta', { ...at, delta }] as const),
    ['response.output_text.done', { ...at, text: TEXT }],
    ['response.content_part.done', { ...at, part: content[0] }],
    ['response.output_item.done', { output_index: 0, item }],
    ['response.completed', { response: whole('completed', [item]) }],
  ];
  return {
    whole: whole('completed', [item]),
    events: events.map(([type, data], at) => [type, { type, sequence_number: at, ...data }] as const),
  };
}

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  top_p: 1,
  tool_choice: 'auto',
  tools: [],
};

const RESPONSE_USAGE = {
  input_tokens: 1,
  output_tokens: 1,
  total_tokens: 2,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 0 },
};

function embedding(model: string): UpstreamAnswer {
  const data = [{ object: 'embedding', index: 0, embedding: [0.1, 0.2, 0.3] }];
  return { whole: { object: 'list', model, data, usage: { prompt_tokens: 1, total_tokens: 1 } }, events: [] };
}
