import { describe, inject } from 'vitest';

const docker = inject('docker');

// Thrown here and not in the global setup, where it would end the unit and cli tests too.
if (!docker.available && process.env.AGENTS_LLM_E2E === 'required') {
  throw new Error(`AGENTS_LLM_E2E=required, and the end-to-end tests cannot run: ${docker.reason}`);
}

/** `describe` for the real stack: skipped where no Docker engine answers. */
export const describeWithDocker = describe.skipIf(!docker.available);
