interface Section {
  /** As AWS names it, without `profile`: `dev`, `sso-session corp`. */
  readonly name: string;
  readonly text: string;
}

/** Settings whose value is the name of another section. */
const REFERENCES = [
  { setting: /^\s*source_profile\s*=\s*(.*\S)/m, kind: '' },
  { setting: /^\s*sso_session\s*=\s*(.*\S)/m, kind: 'sso-session ' },
  { setting: /^\s*services\s*=\s*(.*\S)/m, kind: 'services ' },
];

/**
 * What a profile needs of AWS's files: its own sections and those that they name, and no other profile's keys. One text for each
 * file, empty without such a section.
 */
export function sectionsOfProfile(texts: readonly string[], profile: string): readonly string[] {
  const files = texts.map(sectionsOf);
  const all = files.flat();
  const needed = new Set([profile]);
  // A set also visits what is added while it is walked.
  for (const name of needed) {
    for (const { text } of all.filter((section) => section.name === name)) {
      for (const reference of referencesOf(text)) needed.add(reference);
    }
  }
  return files.map((sections) =>
    sections
      .filter(({ name }) => needed.has(name))
      .map(({ text }) => text)
      .join(''),
  );
}

function sectionsOf(text: string): readonly Section[] {
  return text.split(/^(?=\s*\[)/m).flatMap((section) => {
    const header = /^\s*\[\s*([^\]]+?)\s*\]/.exec(section)?.[1];
    return header === undefined ? [] : [{ name: sectionName(header), text: section }];
  });
}

function sectionName(header: string): string {
  const [, kind = '', name = ''] = /^(profile\s+|sso-session\s+|services\s+)?(.*)$/.exec(header) ?? [];
  const prefix = kind.startsWith('profile') ? '' : kind.replace(/\s+/, ' ');
  return prefix + name.replace(/^(["'])(.*)\1$/, '$2');
}

function referencesOf(text: string): readonly string[] {
  return REFERENCES.flatMap(({ setting, kind }) => {
    const value = setting.exec(text)?.[1];
    return value === undefined ? [] : [kind + value];
  });
}
