/** docs/guides/partner-identity.md, request by request. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../platform/packageRoot.js';
import { type IdentityShop, type Method, openIdentityShop } from './shop.js';
import { quickPasswords } from '../commands/quickPasswords.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/partner-identity.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```\n```json\n(?<answer>[\s\S]*?)```/g;

interface Answered {
  readonly code?: string;
  readonly userId?: string;
  readonly token?: string;
  readonly access_token?: string;
  readonly clientId?: string;
  readonly credentialId?: string;
  readonly items?: readonly { readonly kid?: string }[];
}

describe('the guide to the identity of partners', () => {
  quickPasswords();
  let shop: IdentityShop;
  before(async () => void (shop = await openIdentityShop()));
  after(() => shop.close());

  it('is as it says', async () => {
    const known = new Map<string, string>();
    const fill = (text: string) => text.replace(/\$[A-Z]+/g, (name) => known.get(name) ?? name);
    const learn = (answer: Answered) => {
      const { code, userId, token, access_token: jwt, clientId, credentialId, items } = answer;
      const said = {
        ...{ $CODE: code, $USER: userId, $CLIENT: clientId, $CREDENTIAL: credentialId },
        ...{ $TOKEN: jwt ?? token, $SECRET: clientId && token?.split('.').at(-1) },
        $KEY: items?.[0]?.kid,
      };
      for (const [name, value] of Object.entries(said)) if (value) known.set(name, value);
    };
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '' } = groups;
      const text = fill(body.trim());
      const given = text.startsWith('{') ? (JSON.parse(text) as object) : text || undefined;
      const token = path.startsWith('/admin')
        ? shop.owner
        : path.startsWith('/exchange')
          ? known.get('$TOKEN')
          : undefined;
      const reply = await shop.send(method.toLowerCase() as Method, fill(path), given, token);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      const { items, ...shown } = JSON.parse(answer) as Answered;
      expect(reply.body).to.containSubset(shown);
      if (items) expectItems((reply.body as Answered).items ?? [], items);
      learn(reply.body as Answered);
      sent += 1;
    }
    expect(sent).to.equal(17);
  });
});

/** Users are listed by ids that nobody can foresee: each that is shown is somewhere in the list. */
const expectItems = (got: readonly object[], shown: readonly object[]): void => {
  expect(got).to.have.length(shown.length);
  for (const one of shown) {
    const same = (item: object) =>
      Object.entries(one).every(
        ([name, value]) => (item as Record<string, unknown>)[name] === value,
      );
    expect(got.some(same), `${JSON.stringify(one)} in ${JSON.stringify(got)}`).to.equal(true);
  }
};
