import type { Command } from 'commander';
import { helpFooter } from '../cli/help-footer.ts';
import type { Invoke } from '../cli/invoke.ts';
import { renderDoctor } from '../doctor/doctor-view.ts';
import { type DoctorFlags, runDoctor } from '../doctor/run-doctor.ts';

export function registerDoctor(command: Command, invoke: Invoke, run = runDoctor): void {
  command
    .option('--fix', 'put right what is safe: file modes, stale locks, leftover canaries')
    .option('--online', 'ask osv.dev what is known against the installed LiteLLM')
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<DoctorFlags>(), invocation), renderDoctor));
}

const FOOTER = helpFooter({
  examples: [
    'agents-llm doctor',
    'agents-llm doctor --fix',
    'agents-llm doctor --online',
    'agents-llm doctor --json | jq -r ".data.checks[] | select(.status == \\"fail\\") | .id"',
  ],
  json: '{project, runtime, checks: [{id, status: "ok"|"warn"|"fail"|"skip", seen, fix, code}], worst, fixed: [{id, did}], elapsedMs}; ok is true whatever it finds',
  exits: [4, 5, 6, 7, 8, 9, 10],
});
