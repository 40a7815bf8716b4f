import type { ServiceName, ServiceState } from '../model/service.ts';

/** The bytes that each running service uses, if they can be measured. `measure` returns them in the order of the ids. */
export async function memoryOfServices(
  services: readonly ServiceState[],
  measure: (ids: readonly string[]) => Promise<readonly (number | undefined)[]>,
): Promise<Readonly<Partial<Record<ServiceName, number>>>> {
  const running = services.filter(({ status }) => status === 'running');
  const sizes = await measure(running.map(({ id }) => id));
  return Object.fromEntries(running.flatMap(({ service }, i) => (sizes[i] === undefined ? [] : [[service, sizes[i]]])));
}
