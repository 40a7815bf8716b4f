/** Texts that tell of the version that was measured or recorded, and stay as they are. */
const HISTORY = [
  /^CHANGELOG\.md$/,
  /^bench\/.*\.md$/,
  /^docs\/decisions\//,
  /^src\/litellm\/gateway-config\/known-keys\.json$/,
  /^src\/litellm\/releases\/advisories\.json$/,
  /^templates\/native\/litellm-/,
  /^test\/fixtures\//,
  /^package-lock\.json$/,
];

/** Recordings that are not made anew here: chat-1.108.11.json, spend-logs-1.108.11.json. */
const OTHER_RECORDING = /contract\/(?!litellm-)[\w-]+-$/;

/** @param {string} file from the root of the checkout */
export const mayPin = (file) => !HISTORY.some((pattern) => pattern.test(file));

/**
 * The text with the new version in each place that means the pinned one.
 * @param {string} text
 * @param {string} from
 * @param {string} to
 */
export function withPins(text, from, to) {
  const version = new RegExp(`(?<![\\d.])${from.replaceAll('.', '\\.')}(?![\\d.]*\\d)`, 'g');
  return text.replace(version, (found, at) =>
    OTHER_RECORDING.test(text.slice(Math.max(0, at - 60), at)) ? found : to,
  );
}
