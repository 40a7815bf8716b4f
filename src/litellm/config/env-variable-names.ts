/** The usual contents of a dotenv file: keys and addresses of services. */
const USUAL = /(_API_KEY|_BASE_URL|_TOKEN)$/;

/** Variables that change how programs are found, loaded or connected. */
const DANGEROUS = [
  /PATH$/i,
  /_PROXY$/i,
  /^(LD|DYLD|NODE|NPM|PNPM|YARN|BUN|DENO|PIP|UV|GEM|BUNDLE|JAVA|JDK|_JAVA|MAVEN|GRADLE|GIT|SSH|SSL|CURL|BASH|ZSH|DOCKER|COMPOSE|AGENTS_LLM|GLIBC|MALLOC|GCONV|LOCALDOMAIN|RES)(_|$)/i,
  /^(npm_config_|PYTHON|PERL|RUBY)/i,
  /^(ENV|IFS|HOME|SHELL|USER|LOGNAME|TERM|PS[0-4]|EDITOR|VISUAL|PAGER|BROWSER|LESSOPEN|LESSCLOSE|CDPATH|PROMPT_COMMAND|TMPDIR|HOSTALIASES)$/i,
];

/** Whether a key may be written to this variable without the user's consent. */
export function isUsualVariable(name: string): boolean {
  return USUAL.test(name);
}

/** Whether it must never be written, even with consent. */
export function isDangerousVariable(name: string): boolean {
  return !isUsualVariable(name) && DANGEROUS.some((pattern) => pattern.test(name));
}
