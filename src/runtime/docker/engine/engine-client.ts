import * as z from 'zod/mini';
import type { Container } from './container.ts';

/** A filter as in `docker ps --filter`: `label=…`, `publish=…` or `volume=…`. */
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
  /** Only set by Podman. */
  BuildahVersion: z.optional(z.string()),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

const Image = z.object({ Id: z.catch(z.string(), ''), RepoDigests: z.catch(z.array(z.string()), []) });

export function digestOf(inspected: unknown): string {
  const { Id, RepoDigests } = z.parse(Image, inspected);
  return RepoDigests[0]?.split('@')[1] ?? Id;
}

const Arguments = z.nullish(z.array(z.string()));
const ImageConfig = z.object({ Config: z.object({ Entrypoint: Arguments, Cmd: Arguments }) });

/** What an image runs by default. */
export interface ImageCommand {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export function commandOf(inspected: unknown): ImageCommand | undefined {
  const config = ImageConfig.safeParse(inspected).data?.Config;
  return config && { entrypoint: config.Entrypoint ?? [], command: config.Cmd ?? [] };
}

/** The requests to an engine, over its socket or through the docker CLI. They throw `CliError`. */
export interface EngineClient {
  info(): Promise<EngineInfo>;
  /** Includes containers that are not running. */
  containers(filter: EngineFilter): Promise<readonly Container[]>;
  /** The names of volumes. */
  volumes(filter: EngineFilter): Promise<readonly string[]>;
  /** The names of networks. */
  networks(filter: EngineFilter): Promise<readonly string[]>;
  hasVolume(name: string): Promise<boolean>;
  /** The registry's digest, or the engine's own id if the image was built here; undefined if there is no such image. */
  imageDigest(reference: string): Promise<string | undefined>;
  /** Undefined if there is no such image or its command is unknown. */
  imageCommand(reference: string): Promise<ImageCommand | undefined>;
}
