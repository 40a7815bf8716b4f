import { type Browser, chromium, type Page } from 'playwright-core';

// As root Chromium has no sandbox; the rest keeps it from calling home.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

export interface Login {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Logs in to LiteLLM's UI as a person does, and ends on its first page. */
export async function logIn(page: Page, { url, username, password }: Login): Promise<void> {
  await page.goto(url);
  await page.locator('input[name=username]').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.getByText('Virtual Keys').first().waitFor();
}

/** The row of a table of the UI that has this text, its cells joined by blanks. */
export async function rowWith(page: Page, text: string): Promise<string> {
  const row = page.getByRole('row').filter({ has: page.getByText(text, { exact: true }) });
  const words = await row.first().innerText();
  return words.replaceAll(/\s+/g, ' ').trim();
}
