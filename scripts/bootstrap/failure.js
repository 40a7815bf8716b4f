/** Something that the user can act on: reported without a stack. */
export class BootstrapFailure extends Error {
  /**
   * @param {string} message
   * @param {{ hint?: string, output?: string, exitCode?: number, cause?: unknown }} [details]
   */
  constructor(message, { hint, output, exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.hint = hint;
    this.output = output;
    this.exitCode = exitCode;
  }
}
