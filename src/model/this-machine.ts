/** The name that containers have for the user's machine. */
export const DOCKER_NAME = 'host.docker.internal';

const LOOPBACK_HOST = /^(localhost|127\.[\d.]+|\[?::1\]?|0\.0\.0\.0)$/;

/** Whether a host is the machine of the program that connects to it, which for a container is the container. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

/** Before and after the name of a host: of an address, or of a value that is only a host. */
const IN_VALUE = /(^|\/\/|@)host\.docker\.internal(?=[:/]|$)/g;
const IN_YAML = /(\/\/|@|(?::|-) "?)host\.docker\.internal(?=[:/"\s]|$)/g;

/** A value with the address that the user's machine has for its own programs, which cannot resolve the name. */
export const withLoopback = (value: string): string => value.replace(IN_VALUE, '$1127.0.0.1');

/** The same for all values of a YAML text. */
export const yamlWithLoopback = (text: string): string => text.replace(IN_YAML, '$1127.0.0.1');
