import * as z from 'zod/mini';
import { jsonValue } from '../../text/json.ts';
import { USAGE } from './chat-usage.ts';

const CHUNK = z.object({
  choices: z.optional(
    z.array(
      z.object({
        delta: z.optional(z.object({ content: z.nullish(z.string()) })),
        finish_reason: z.nullish(z.string()),
      }),
    ),
  ),
  usage: z.nullish(USAGE),
  error: z.optional(z.unknown()),
});

/** Reads server-sent events of a chat completion as they come, wherever the pieces are cut. */
export function chatStream(onText: (text: string) => void) {
  let rest = '';
  let text = '';
  let usage: z.infer<typeof USAGE> | null = null;
  let error: unknown;
  let [isStream, isWhole] = [false, false];
  const takeData = (data: string) => {
    isStream = true;
    if (data === '[DONE]') isWhole = true;
    const parsed = z.safeParse(CHUNK, jsonValue(data));
    if (!parsed.success) return;
    if (parsed.data.error !== undefined) error ??= { error: parsed.data.error };
    if (parsed.data.usage) usage = parsed.data.usage;
    const [choice] = parsed.data.choices ?? [];
    const content = choice?.delta?.content;
    if (choice?.finish_reason) isWhole = true;
    if (!content) return;
    text += content;
    onText(content);
  };
  return {
    add(piece: string) {
      const lines = (rest + piece).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data:')) takeData(line.slice(5).trim());
    },
    text: () => text,
    usage: () => usage,
    /** LiteLLM's error that came in the midst, as a body. */
    error: () => error,
    isStream: () => isStream,
    isWhole: () => isWhole,
  };
}
