/** Texts that tell of the version that was measured or recorded, and stay as they are. */
const HISTORY = [
  /^CHANGELOG\.md$/,
  /^bench\/.*\.md$/,
  /^docs\/decisions\//,
  /^src\/litellm\/gateway-config\/known-keys\.json$/,
  /^src\/litellm\/releases\/advisories\.json$/,
  /^templates\/native\/litellm-/,
  /^test\/fixtures\//,
  // Read recordings that are not made again.
  /^test\/support\/recorded-chat\.ts$/,
  /^test\/unit\/runtime\/docker\/engine\/container\.test\.ts$/,
  // The script itself.
  /^scripts\/new-litellm\/|^test\/unit\/scripts\//,
  /^package-lock\.json$/,
];

/** Recordings that are not made again: chat-1.108.11.json, spend-logs-1.108.11.json. */
const OTHER_RECORDING = /contract\/(?!litellm-)[\w-]+-$/;

/** @param {string} file from the root of the checkout */
export const mayPin = (file) => !HISTORY.some((pattern) => pattern.test(file));

/**
 * The text with the new version in each place that means the pinned one, also in patterns (`1\\.2\\.3`) and as `[1, 2, 3]`.
 * @param {string} text
 * @param {string} from
 * @param {string} to
 */
export function withPins(text, from, to) {
  const [plain, inPattern, inList] = ['\\.', '\\\\\\.', ', '].map((dot) => from.replaceAll('.', dot));
  const version = new RegExp(`(?<![\\d.])(${plain}|${inPattern})(?![\\d.]*\\d)|(?<=\\[)${inList}(?=\\])`, 'g');
  return text.replace(version, (found, _, at) => {
    if (OTHER_RECORDING.test(text.slice(Math.max(0, at - 60), at))) return found;
    return to.replaceAll('.', found.includes('\\') ? '\\.' : found.includes(',') ? ', ' : '.');
  });
}
