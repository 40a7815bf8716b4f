import * as z from 'zod/mini';
import type { Container } from './container.ts';

/** What the engine is asked for, as `docker ps --filter` spells it: `label=…`, `publish=…`, `volume=…`. */
export interface EngineFilter {
  readonly key: 'label' | 'publish' | 'volume';
  readonly value: string;
}

export const EngineInfo = z.object({
  ID: z.string(),
  OSType: z.string(),
  Architecture: z.string(),
  MemTotal: z.catch(z.number(), 0),
  ServerVersion: z.catch(z.string(), ''),
  /** RFC 3339. */
  SystemTime: z.catch(z.string(), ''),
  DockerRootDir: z.catch(z.string(), ''),
  /** Podman's alone. */
  BuildahVersion: z.optional(z.string()),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

const Image = z.object({ Id: z.catch(z.string(), ''), RepoDigests: z.catch(z.array(z.string()), []) });

export function digestOf(inspected: unknown): string {
  const { Id, RepoDigests } = z.parse(Image, inspected);
  return RepoDigests[0]?.split('@')[1] ?? Id;
}

const Words = z.nullish(z.array(z.string()));
const ImageConfig = z.object({ Config: z.object({ Entrypoint: Words, Cmd: Words }) });

/** What an image runs by itself. */
export interface ImageCommand {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export function commandOf(inspected: unknown): ImageCommand | undefined {
  const config = ImageConfig.safeParse(inspected).data?.Config;
  return config && { entrypoint: config.Entrypoint ?? [], command: config.Cmd ?? [] };
}

/** What is asked of an engine, whichever way leads to it. All of it throws CliError. */
export interface EngineClient {
  info(): Promise<EngineInfo>;
  /** Those that are not running too. */
  containers(filter: EngineFilter): Promise<readonly Container[]>;
  /** Names. */
  volumes(filter: EngineFilter): Promise<readonly string[]>;
  /** Names. */
  networks(filter: EngineFilter): Promise<readonly string[]>;
  hasVolume(name: string): Promise<boolean>;
  /** By which the registry knows it, or the engine's own id when it was built here; undefined when there is no such image. */
  imageDigest(reference: string): Promise<string | undefined>;
  /** Undefined when there is no such image, or the engine does not say. */
  imageCommand(reference: string): Promise<ImageCommand | undefined>;
}
