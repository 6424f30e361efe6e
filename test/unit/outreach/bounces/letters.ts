/** Letters about letters as servers write them (test/bounces), with the marks of one that was sent filled in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import { packageRoot } from '../../../../platform/packageRoot.js';
import { readBounce } from '../../../../workers/outreach/providers/smtp/callback.js';
import { createMarks } from '../../../../workers/outreach/providers/smtp/mark.js';
import type {
  SmtpSecrets,
  SmtpSettings,
} from '../../../../workers/outreach/providers/smtp/settings.js';

const folder = join(packageRoot, 'test/bounces');

export const reference = '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80-2';
export const token = 'a token that nobody can guess, of 40 signs'.replaceAll(' ', '-');
export const now = Date.parse('2026-11-21T00:00:00Z');
export const mailer = { tenant: 'demo' as TenantId, providerId: 'mail_main' as ProviderId };
export const settings = {
  ...{ host: 'mx.shop.example', port: 25, security: 'none' },
  ...{ from: { address: 'shop@shop.example' }, bounces: { address: 'bounces@mail.shop.example' } },
} as SmtpSettings;

export const letterNames = readdirSync(folder).map((name) => name.replace(/\.eml$/, ''));

/** @param of who sent the letter that it is about. */
export const letterOf = (name: string, of = mailer, signedBy = token): string => {
  const marks = createMarks([signedBy], of);
  return readFileSync(join(folder, `${name}.eml`), 'utf8')
    .replaceAll('{{mark}}', marks.of(reference) ?? '')
    .replaceAll('{{messageId}}', `<${marks.messageId(reference)}@shop.example>`);
};

export const handOver = (
  letter: string | Buffer,
  {
    given = token as string | null,
    secrets = { bounceToken: token } as SmtpSecrets,
    of = mailer,
  } = {},
) =>
  readBounce(
    {
      ...{ query: {}, body: Buffer.from(letter as string) },
      headers: given === null ? {} : { authorization: `Bearer ${given}` },
    },
    { ...of, settings, secrets, now },
  );
