/** @typedef {{ method: string, path: string, body?: unknown, key: 'master' | 'other' | 'none' }} RecordedRequest */
/** @typedef {{ label: string, request: RecordedRequest, status: number, body: unknown }} Exchange */
/** @typedef {(request: RecordedRequest & { bearer: string | undefined }) => Promise<{ status: number, body: unknown }>} Ask */

/** What else is sent as a key, by the label of the exchange; the virtual key otherwise. */
const OTHER_KEYS = new Map([
  ['wrong master', 'sk-wrong-key-123456'],
  ['not sk', 'wrong'],
]);

/** What a LiteLLM makes up: ids, keys and their hashes. */
const MADE_UP = /^(sk-[\w-]{16,}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Sends the requests of a recording to another LiteLLM, in order, each with the ids and keys that this one has made.
 * @param {readonly Exchange[]} recording
 * @param {{ ask: Ask, masterKey: string, replaced?: Readonly<Record<string, string>> }} target
 * @returns {Promise<Exchange[]>}
 */
export async function replay(recording, { ask, masterKey, replaced = {} }) {
  const texts = new Map(Object.entries(replaced));
  /** @type {Exchange[]} */
  const exchanges = [];
  let virtualKey = '';
  for (const { label, request, ...before } of recording) {
    const wanted = /** @type {RecordedRequest} */ (withTexts(request, texts));
    const other = OTHER_KEYS.get(label) ?? virtualKey;
    const bearer = wanted.key === 'none' ? undefined : wanted.key === 'master' ? masterKey : other;
    const { status, body } = await ask({ ...wanted, bearer });
    for (const [from, to] of madeUp(before.body, body)) if (!texts.has(from)) texts.set(from, to);
    if (label === 'key generate') virtualKey = String(/** @type {{ key?: unknown }} */ (body)?.key);
    exchanges.push({ label, request, status, body: withTexts(body, new Map(pairsBack(texts, replaced))) });
  }
  return exchanges;
}

/**
 * What was put in place for this machine alone stays out of the recording.
 * @param {ReadonlyMap<string, string>} texts
 * @param {Readonly<Record<string, string>>} replaced
 */
function* pairsBack(texts, replaced) {
  for (const [from, to] of texts) if (from in replaced) yield/** @type {[string, string]} */ ([to, from]);
}

/**
 * @param {unknown} value
 * @param {ReadonlyMap<string, string>} texts
 */
function withTexts(value, texts) {
  let text = JSON.stringify(value ?? null);
  for (const [from, to] of texts) text = text.replaceAll(from, to);
  return JSON.parse(text);
}

/**
 * Pairs of what the two made up at the same place.
 * @param {unknown} before
 * @param {unknown} after
 * @returns {Generator<[string, string]>}
 */
function* madeUp(before, after) {
  if (typeof before === 'string' && typeof after === 'string') {
    if (before !== after && MADE_UP.test(before) && MADE_UP.test(after)) yield [before, after];
  } else if (isRecord(before) && isRecord(after)) {
    for (const name of Object.keys(before)) yield* madeUp(before[name], after[name]);
  }
}

/**
 * What an application of the API would notice: statuses, fields that came or went, their types, and the texts of errors.
 * @param {readonly Exchange[]} before
 * @param {readonly Exchange[]} after
 * @returns {string[]}
 */
export function contractChanges(before, after) {
  return before.flatMap((old, at) => {
    const now = after[at];
    if (!now) return [`${old.label}: no answer`];
    const changes = [
      ...(old.status === now.status ? [] : [`status ${old.status} is now ${now.status}`]),
      ...shapeChanges(shapeOf(old.body), shapeOf(now.body)),
      ...(old.status >= 400 && now.status >= 400 ? textChanges(old.body, now.body) : []),
    ];
    return changes.map((change) => `${old.label}: ${change}`);
  });
}

/**
 * Each place of a body with the types seen there.
 * @param {unknown} body
 * @param {string} place
 * @param {Map<string, Set<string>>} shape
 */
function shapeOf(body, place = '', shape = new Map()) {
  const type = Array.isArray(body) ? 'list' : body === null ? 'null' : typeof body;
  shape.set(place, (shape.get(place) ?? new Set()).add(type));
  if (Array.isArray(body)) for (const entry of body) shapeOf(entry, `${place}[]`, shape);
  else if (isRecord(body)) for (const [name, value] of Object.entries(body)) shapeOf(value, `${place}.${name}`, shape);
  return shape;
}

/**
 * @param {ReadonlyMap<string, Set<string>>} before
 * @param {ReadonlyMap<string, Set<string>>} after
 */
function shapeChanges(before, after) {
  const gone = [...before.keys()].filter((place) => !after.has(place));
  const added = [...after.keys()].filter((place) => !before.has(place));
  const retyped = [...after].flatMap(([place, types]) => {
    const old = before.get(place);
    // Any field may be null.
    const fits = !old || old.has('null') || types.has('null') || [...types].every((type) => old.has(type));
    return fits ? [] : [`${place} was ${[...old].join(' or ')} and is ${[...types].join(' or ')}`];
  });
  return [
    ...outermost(gone).map((place) => `${place} is gone`),
    ...outermost(added).map((place) => `${place} is new`),
    ...retyped,
  ];
}

/**
 * Without the places inside of others in the list.
 * @param {readonly string[]} places
 */
const outermost = (places) =>
  places.filter(
    (place) =>
      !places.some((other) => place !== other && /^[.[]/.test(place.slice(other.length)) && place.startsWith(other)),
  );

/**
 * @param {unknown} before
 * @param {unknown} after
 */
function textChanges(before, after) {
  const [old, now] = [before, after].map((body) => plain(messageOf(body)));
  return old === now ? [] : [`the message was ${JSON.stringify(old)} and is ${JSON.stringify(now)}`];
}

/** @param {unknown} body */
function messageOf(body) {
  const { error, detail } = /** @type {{ error?: unknown, detail?: unknown }} */ (isRecord(body) ? body : {});
  const message = isRecord(error) ? error.message : (error ?? detail ?? body);
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** @param {string} text */
const plain = (text) =>
  text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|sk-[\w-]{16,}|[0-9a-f]{64}/g, '…').slice(0, 300);

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null;
}
