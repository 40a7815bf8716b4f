import { describe, expect, it } from 'vitest';
import { databaseUrlProblem, libpqEnvironment, parseDatabaseUrl } from '../../../src/model/database-url.ts';

describe('databaseUrlProblem', () => {
  it.each([
    'postgresql://app:secret@db.example.com:5432/gateway',
    'postgres://app:p%40ss%23@10.0.0.5/gateway?sslmode=require&connection_limit=5&schema=litellm',
    'postgresql://app@host.docker.internal/gateway',
  ])('accepts %s', (url) => expect(databaseUrlProblem(url)).toBeUndefined());

  it.each([
    ['mysql://app:pw@db/gateway', 'must begin with postgresql://'],
    ['db.example.com/gateway', 'must begin with postgresql://'],
    ['postgresql://app:p$w@db/gateway', /percent-encoded/],
    ['postgresql://app:p#w@db/gateway', /percent-encoded/],
    ['postgresql://app:p w@db/gateway', /percent-encoded/],
    ['postgresql://app:pw@db:port/gateway', /is not a URL such as/],
    ['postgresql://app:%zz@db/gateway', /is not a URL such as/],
    ['postgresql://app:pw@db/', 'must name a user, a host and a database'],
    ['postgresql://db/gateway', 'must name a user, a host and a database'],
    ['postgresql://app:pw@/gateway', /must name|is not a URL/],
    ['postgresql://app:pw@db/gateway?schema=a-b', 'names a schema with characters other than letters, digits and _'],
    [
      'postgresql://app:pw@localhost/gateway',
      /names localhost, which is LiteLLM's own container.*host\.docker\.internal/,
    ],
    ['postgresql://app:pw@127.0.0.1:5432/gateway', /names 127\.0\.0\.1, which/],
  ])('explains what is wrong with %s without showing a password', (url, problem) => {
    const found = databaseUrlProblem(url);
    expect(found).toMatch(problem);
    for (const password of ['pw@', 'p$w', 'p#w', 'p w']) expect(found).not.toContain(password);
  });
});

describe('libpqEnvironment', () => {
  const environment = (url: string) => {
    const address = parseDatabaseUrl(url);
    return address && libpqEnvironment(address);
  };

  it('decodes percent-encoded parts of the URL', () => {
    expect(environment('postgresql://a%40b:p%40ss%2Fw%23@db:5433/my%20db')).toEqual({
      PGHOST: 'db',
      PGPORT: '5433',
      PGUSER: 'a@b',
      PGPASSWORD: 'p@ss/w#',
      PGDATABASE: 'my db',
      PGCONNECT_TIMEOUT: '10',
    });
  });

  it('keeps the Prisma parameters that PostgreSQL knows', () => {
    expect(environment('postgresql://a:b@[fd00::5]/d?sslmode=require&schema=llm&connection_limit=5')).toMatchObject({
      PGHOST: 'fd00::5',
      PGPORT: '5432',
      PGSSLMODE: 'require',
      PGOPTIONS: '-c search_path=llm',
    });
  });
});
