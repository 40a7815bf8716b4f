import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { renderDoctor } from '../doctor/doctor-view.ts';
import { type DoctorFlags, runDoctor } from '../doctor/run-doctor.ts';

export function registerDoctor(command: Command, invoke: Invoke, run = runDoctor): void {
  addNotes(command, NOTES);
  command
    .option('--fix', 'fix what is safe to fix: file modes, stale locks, test rows')
    .option('--online', 'ask osv.dev about advisories, and each provider for a TLS handshake')
    .action(() => invoke(command, (invocation) => run(command.opts<DoctorFlags>(), invocation), renderDoctor));
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm doctor',
    'agents-llm doctor --fix',
    'agents-llm doctor --online',
    'agents-llm doctor --json | jq -r ".data.checks[] | select(.status == \\"fail\\") | .id"',
  ],
  json: '{project, runtime, checks: [{id, status: "ok"|"warn"|"fail"|"skip", seen, fix, code}], worst, databaseSize, fixed: [{id, did}], elapsedMs}; ok is true whatever it finds',
  exits: [4, 5, 6, 7, 8, 9, 10],
};
