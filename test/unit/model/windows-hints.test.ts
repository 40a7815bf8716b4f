import { expect, it } from 'vitest';
import { forPlatform } from '../../../src/model/windows-hints.ts';

it.each([
  ['Stop it: kill 42', 'Stop it: taskkill /PID 42 /F'],
  [
    'Set it in your shell: eval "$(agents-llm -p two env)"',
    'Set it in your shell: agents-llm -p two env --shell powershell | Invoke-Expression',
  ],
  [
    'Exclude the gateway: export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1',
    "Exclude the gateway: $env:NO_PROXY = 'localhost,127.0.0.1'",
  ],
  ['Set it to the provider key: export OPENAI_API_KEY=…', "Set it to the provider key: $env:OPENAI_API_KEY = '…'"],
  [
    "Or keep the stack's files elsewhere: AGENTS_LLM_HOME=/another/folder agents-llm up",
    "Or keep the stack's files elsewhere: $env:AGENTS_LLM_HOME = 'C:\\another\\folder'; agents-llm up",
  ],
  [
    'Use the stack where it is: DOCKER_HOST=npipe:////./pipe/x agents-llm up\nOr take it down: agents-llm down',
    "Use the stack where it is: $env:DOCKER_HOST = 'npipe:////./pipe/x'; agents-llm up\nOr take it down: agents-llm down",
  ],
  [
    'Make it a file that you can read: ls -ld C:\\Users\\Jörg Müller\\x',
    'Make it a file that you can read: icacls "C:\\Users\\Jörg Müller\\x"',
  ],
  [
    'Give it permission to write there (ls -ld shows the owner), then run: agents-llm up',
    'Give it permission to write there (icacls shows the owner), then run: agents-llm up',
  ],
])('translates %j from a Linux shell to PowerShell', (text, expected) => {
  expect(forPlatform(text, 'win32')).toBe(expected);
  expect(forPlatform(text, 'linux')).toBe(text);
  expect(forPlatform(text, 'darwin')).toBe(text);
});

it.each([
  'Start the stack: agents-llm up',
  'Name the file with --file PATH\nOr start with an example: agents-llm init',
  'Add --set name=value',
  'Use a larger budget: agents-llm provision-key --name OPENAI_API_KEY=MY_KEY',
])('leaves %j unchanged', (text) => {
  expect(forPlatform(text, 'win32')).toBe(text);
});
