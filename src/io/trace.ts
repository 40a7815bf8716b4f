import type { Clock } from './clock.ts';
import type { Http } from './network/http.ts';
import type { Runner } from './processes/runner.ts';

type Write = (line: string) => void;

/** Traces each command line and its result, but not the environment, which contains secrets. */
export function traceRunner(runner: Runner, clock: Clock, write: Write): Runner {
  return {
    async run(command, options) {
      const line = [command.file, ...command.args].join(' ');
      const began = clock.now();
      write(`$ ${line}`);
      const result = await runner.run(command, options);
      write(
        `  ${result.outcome} ${result.exitCode} after ${clock.now() - began} ms: ${command.file} ${command.args[0] ?? ''}`,
      );
      return result;
    },
  };
}

/** Traces method, address and status of each call, but not headers and bodies. */
export function traceHttp(http: Http, clock: Clock, write: Write): Http {
  return {
    async send(request) {
      const began = clock.now();
      const result = await http.send(request);
      const end = result.ok ? result.status : result.code;
      write(`${request.method} ${request.socketPath ?? ''} ${request.url} -> ${end} after ${clock.now() - began} ms`);
      return result;
    },
  };
}
