import type { Task } from '../../context/invocation.ts';
import { confirm } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import { type AllowedFile, allowFile, readAllowedFiles } from '../../project/allowed-files.ts';
import { openProjectFolder } from '../../project/project-folder.ts';
import type { Config } from '../config/config.ts';
import type { ConfigPlace } from '../config/find-config.ts';
import { canAsk } from '../input/ask-target.ts';
import { identityOf, OWN_GATEWAY } from './config-identity.ts';

export interface ConfigFile {
  readonly config: Config;
  readonly place: ConfigPlace;
}

export interface Shown {
  /** What the file asks for, or what would be changed. */
  readonly lines: readonly string[];
  /** Changes that need separate approval, even in an allowed file. */
  readonly risks: readonly string[];
  /** The command that continues with --trust. */
  readonly command: 'apply' | 'up';
}

/** The user's consent to a file, for one gateway. */
export interface FileConsent {
  /** Whether the file may be applied, apart from its risks. */
  readonly isAllowed: boolean;
  /** Whether these risks need no question. */
  covers(risks: readonly string[]): boolean;
  /** Asks if needed and remembers a yes. Rejects if the answer is no or nobody can be asked. */
  settle(shown: Shown): Promise<void>;
}

type Reason = 'new' | 'changed' | 'risk';

export async function fileConsent(
  file: ConfigFile,
  gateway: string,
  { trust = false }: { readonly trust?: boolean | undefined },
  invocation: Task,
): Promise<FileConsent> {
  const { context, settings } = invocation;
  const identity = await identityOf(file.config, file.place, gateway);
  const known = (await readAllowedFiles(context.files, settings.paths)).filter((file) => isSameFile(file, identity));
  const isGiven = trust || context.env.AGENTS_LLM_TRUST === '1';
  let isAllowed = known.some(({ hash }) => hash === identity.hash);
  const agreed = new Set<string>();
  const mayApply = () => isAllowed || isGiven || context.env.CI === 'true';
  const covers = (risks: readonly string[]) => isGiven || (mayApply() && risks.every((risk) => agreed.has(risk)));
  return {
    get isAllowed() {
      return mayApply();
    },
    covers,
    async settle(shown) {
      const needsQuestion = !covers(shown.risks);
      const reason: Reason = mayApply() ? 'risk' : known.length > 0 ? 'changed' : 'new';
      if (needsQuestion) await askOrRefuse(file, gateway, { ...shown, reason, identity }, invocation);
      for (const risk of shown.risks) agreed.add(risk);
      if (isAllowed || !(needsQuestion || trust)) return;
      await rememberFile(identity, invocation);
      isAllowed = true;
    },
  };
}

const isSameFile = (one: AllowedFile, other: AllowedFile) => one.file === other.file && one.gateway === other.gateway;

/** If the consent cannot be saved, it only counts this time. */
async function rememberFile(identity: AllowedFile, { context, settings, progress }: Task): Promise<void> {
  try {
    for (const warning of await openProjectFolder(context, settings.paths)) progress.note(warning);
    await allowFile(context.files, settings.paths, identity);
  } catch (error) {
    if (!(error instanceof CliError) || (error.code !== 'state_unwritable' && error.code !== 'state_full')) throw error;
    progress.note(`${error.message}. The next command asks again`);
  }
}

/** Allows a file that agents-llm has just written for this user. */
export async function allowWritten(file: ConfigFile, gateway: string, invocation: Task): Promise<void> {
  await rememberFile(await identityOf(file.config, file.place, gateway), invocation);
}

interface Question extends Shown {
  readonly reason: Reason;
  readonly identity: AllowedFile;
}

async function askOrRefuse(
  { place: { shown: name } }: ConfigFile,
  gateway: string,
  question: Question,
  invocation: Task,
): Promise<void> {
  const { context, settings, progress } = invocation;
  const where = gateway === OWN_GATEWAY ? `stack ${settings.project}` : gateway;
  const { lines, risks, reason, identity } = question;
  const heads: Readonly<Record<Reason, string>> = {
    new: `${name} is not allowed for ${where} yet`,
    changed: `${name} has changed since you allowed it for ${where}`,
    risk: `${name} needs separate approval for what it changes on ${where}`,
  };
  const list = [
    ...(reason === 'risk' ? [] : lines.map((line) => (line.startsWith('! ') ? line : `  ${line}`))),
    ...risks.map((risk) => `! ${risk}`),
  ];
  const resume = progress.pause();
  context.streams.stderr.write(`${heads[reason]} (${identity.file}):\n${list.map((line) => `${line}\n`).join('')}`);
  resume();
  if (canAsk(context) && (await confirm(`Apply ${name} to ${where}?`, invocation))) return;
  const problem = reason === 'risk' ? `${heads.risk}: ${risks.join('; ')}` : heads[reason];
  throw new CliError('file_not_allowed', problem, {
    hint: hintOf(question.command, name),
    details: { file: identity.file, gateway, reason, plan: lines, risks },
  });
}

function hintOf(command: Shown['command'], name: string): string {
  const aside = command === 'up' ? ['Start without the file: agents-llm up --no-apply'] : [];
  return [...aside, `Read ${name}, then allow it: agents-llm ${command} --trust`].join('\n');
}
