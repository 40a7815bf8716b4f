import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

const FOLDERS = ['.', 'docs', 'docs/reference', 'docs/decisions', 'bench'];

/** Every document, by its path in the checkout. */
export const DOCUMENTS: readonly string[] = FOLDERS.flatMap((folder) =>
  readdirSync(CHECKOUT + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => (folder === '.' ? name : `${folder}/${name}`)),
);

export const textOf = (path: string) => readFileSync(CHECKOUT + path, 'utf8');

const FENCED = /^```(\w*)\n(.*?)^```/gms;

const withoutFenced = (text: string) => text.replace(FENCED, '');

/** Inline code in a line. */
export function inlineCode(text: string): readonly string[] {
  return [...withoutFenced(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The lines of fenced blocks that somebody is to type, or that a CI job runs. */
export function typedLines(text: string): readonly string[] {
  return [...text.matchAll(FENCED)].flatMap(([, language, block = '']) => {
    const lines = block.split('\n');
    return language === '' ? lines.filter((line) => line.startsWith('$ ')) : lines;
  });
}

/** The links to other files, and to places in this one, without their title. */
export function linksOf(text: string): readonly string[] {
  return [...withoutFenced(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));
}

/** The places that a link may name after its `#`, as GitHub makes them of headings. */
export function anchorsOf(text: string): readonly string[] {
  return [...withoutFenced(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}
