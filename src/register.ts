import { autoProvision } from './index.ts';

// For `node --import agents-llm/register server.js`: the program starts when its key is there, or not at all.
await autoProvision();
