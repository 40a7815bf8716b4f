/** The name of an environment variable, as POSIX defines it. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
