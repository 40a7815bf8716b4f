import { asRecord } from '../../text/json.ts';
import type { Agent, GatewayAccess } from '../agent.ts';
import { crushProvider, KEY_VARIABLE, PROVIDER } from '../gateway-provider.ts';

export const crush: Agent = {
  name: 'crush',
  title: 'Crush',
  program: 'crush',
  install: 'npm install -g @charmland/crush',
  setup: ({ key }) => ({ args: [], variables: { [KEY_VARIABLE]: key }, removed: [] }),
  settingsCopy: {
    folder: '.config/crush',
    file: 'crush.json',
    variable: 'CRUSH_GLOBAL_CONFIG',
    below: '',
    change: (settings, access) => ({
      ...settings,
      providers: {
        ...asRecord(settings.providers),
        [PROVIDER]: crushProvider(access, `$${KEY_VARIABLE}`),
      },
      models: { large: chosenModel(access), small: chosenModel(access) },
    }),
  },
  checked: {
    version: null,
    date: '2026-11-28',
    source: 'github.com/charmbracelet/crush, README and docs/config',
    seen: null,
  },
};

const chosenModel = ({ model }: Pick<GatewayAccess, 'model'>) => ({ provider: PROVIDER, model });
