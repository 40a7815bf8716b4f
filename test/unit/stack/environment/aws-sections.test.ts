import { expect, test } from 'vitest';
import { sectionsOfProfile } from '../../../../src/stack/environment/aws-sections.ts';

const CONFIG = `# written by hand
[default]
region = us-east-1
[profile dev]
role_arn = arn:aws:iam::1:role/dev
source_profile = base
services = local
[profile "with space"]
region = eu-west-1
[profile corp]
sso_session = corp
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
[services local]
bedrock-runtime =
  endpoint_url = http://127.0.0.1:9000
`;
const CREDENTIALS = `[default]
aws_access_key_id = AKIADEFAULT
[base]
aws_access_key_id = AKIABASE
[dev]
aws_session_token = t
`;

const headers = (profile: string) =>
  sectionsOfProfile([CONFIG, CREDENTIALS], profile).map((text) => text.match(/^\[.*$/gm) ?? []);

test.each([
  ['its own section', 'default', [['[default]'], ['[default]']]],
  [
    'the profile whose keys it uses, and its services',
    'dev',
    [
      ['[profile dev]', '[services local]'],
      ['[base]', '[dev]'],
    ],
  ],
  ['a name in quotes', 'with space', [['[profile "with space"]'], []]],
  ['its SSO session', 'corp', [['[profile corp]', '[sso-session corp]'], []]],
  ['nothing for a profile that is not there', 'prod', [[], []]],
])('takes %s', (_, profile, expected) => {
  expect(headers(profile)).toEqual(expected);
});

test('keeps what it takes as it is', () => {
  expect(sectionsOfProfile([CONFIG], 'dev')).toEqual([
    '[profile dev]\nrole_arn = arn:aws:iam::1:role/dev\nsource_profile = base\nservices = local\n[services local]\nbedrock-runtime =\n  endpoint_url = http://127.0.0.1:9000\n',
  ]);
});

test('takes a section once when profiles name each other', () => {
  const text = '[a]\nsource_profile = b\n[b]\nsource_profile = a\n';
  expect(sectionsOfProfile([text], 'a')).toEqual([text]);
});
