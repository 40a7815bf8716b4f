import { AGENT_CHECKS } from './agent-checks.ts';
import { ALIAS_CHECKS } from './alias-checks.ts';
import type { Check } from './check.ts';
import { CONFIG_CHECKS } from './config-checks.ts';
import { DATA_CHECKS } from './data-checks.ts';
import { DOCKER_CHECKS } from './docker-checks.ts';
import { FILE_CHECKS } from './file-checks.ts';
import { IMAGE_CHECKS } from './image-checks.ts';
import { KEY_CHECKS } from './key-checks.ts';
import { LOCK_CHECKS } from './lock-checks.ts';
import { MACHINE_CHECKS } from './machine-checks.ts';
import { NATIVE_CHECKS } from './native-checks.ts';
import { NEIGHBOUR_CHECKS } from './neighbour-checks.ts';
import { NETWORK_CHECKS } from './network-checks.ts';
import { PROVIDER_HOST_CHECKS } from './online/provider-host-checks.ts';
import { SECRET_CHECKS } from './secret-checks.ts';
import { SERVICE_CHECKS } from './service-checks.ts';

/** In display order: from the machine to the contents of the gateway. */
export const CHECKS: readonly Check[] = [
  ...MACHINE_CHECKS,
  ...DOCKER_CHECKS,
  ...NATIVE_CHECKS,
  ...IMAGE_CHECKS,
  ...FILE_CHECKS,
  ...SECRET_CHECKS,
  ...LOCK_CHECKS,
  ...CONFIG_CHECKS,
  ...NEIGHBOUR_CHECKS,
  ...NETWORK_CHECKS,
  ...SERVICE_CHECKS,
  ...DATA_CHECKS,
  ...ALIAS_CHECKS,
  ...PROVIDER_HOST_CHECKS,
  ...KEY_CHECKS,
  ...AGENT_CHECKS,
];
