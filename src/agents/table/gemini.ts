import { asRecord } from '../../text/json.ts';
import type { Agent } from '../agent.ts';
import { geminiOverrides } from '../gateway-provider.ts';

export const gemini: Agent = {
  name: 'gemini',
  title: 'Gemini CLI',
  program: 'gemini',
  install: 'npm install -g @google/gemini-cli',
  setup: ({ root, key, model }) => ({
    args: [],
    variables: { GOOGLE_GEMINI_BASE_URL: root, GEMINI_API_KEY: key, GEMINI_MODEL: model },
    removed: ['GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_GCA', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_VERTEX_BASE_URL'],
  }),
  // With a base URL set, it reads the login method only from this file.
  settingsCopy: {
    folder: '.gemini',
    file: 'settings.json',
    variable: 'GEMINI_CLI_HOME',
    below: '.gemini',
    change: (settings, { model }) => ({
      ...settings,
      modelConfigs: {
        ...asRecord(settings.modelConfigs),
        customOverrides: [...list(asRecord(settings.modelConfigs).customOverrides), ...geminiOverrides(model)],
      },
      security: {
        ...asRecord(settings.security),
        auth: { ...asRecord(asRecord(settings.security).auth), selectedType: 'gemini-api-key' },
      },
    }),
  },
  checked: {
    version: '0.61.0',
    date: '2026-11-28',
    source: 'geminicli.com/docs, and its source',
    seen: "answered through Gemini's API by launch and connect",
  },
};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
