/**
 * The demonstration programme of a data directory: what makes the first curl line work.
 *
 * Done once and safe to be broken off anywhere: every command has a fixed idempotency key, and the credentials, which the log does not
 * hold, are kept beside it in `credentials.json` (mode 0600). Where that file was lost, another till is registered and the password
 * of the operator is set anew, since a secret cannot be read back.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../../commands/command.js';
import type { Handler } from '../../commands/handle.js';
import { changeOperatorPassword } from '../../commands/registry/changeOperatorPassword.js';
import { registerMerchant } from '../../commands/registry/registerMerchant.js';
import { registerOperator } from '../../commands/registry/registerOperator.js';
import { registerPointOfSale } from '../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../commands/registry/registerTenant.js';
import { registerTill } from '../../commands/registry/registerTill.js';
import { setProgrammeRule } from '../../commands/registry/setProgrammeRule.js';
import { account, accountStream } from '../../domain/account/account.js';
import { gsrn } from '../../domain/gsrn.js';
import type {
  MerchantId,
  OperatorId,
  PointOfSaleId,
  TenantId,
  TillId,
  UserId,
} from '../../domain/ids.js';
import type { ProgrammeRule } from '../../domain/programme/rule.js';

export interface Credentials {
  readonly tenant: TenantId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
  readonly tillToken: string;
  readonly operator: { readonly login: OperatorId; readonly password: string };
  readonly userId: UserId;
}

export const demo = {
  tenant: 'demo' as TenantId,
  merchantId: 1 as MerchantId,
  pointOfSaleId: 1 as PointOfSaleId,
  login: 'owner' as OperatorId,
  gsrnPrefix: '8018000',
} as const;

export const demoUserId = gsrn(demo.gsrnPrefix, 1n);

/** The phone is one of those that Ofcom keeps for stories: no message to it reaches anybody. */
export const demoCustomer = {
  userId: demoUserId,
  name: 'Ada Lovelace',
  phone: '+442079460001',
} as const;

/** One point for every pound, a point pays a penny, up to half of a receipt; points live a year. */
export const demoRule: ProgrammeRule = {
  currency: 'GBP',
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: 365,
  clawback: 'withinBalance',
};

/** @param enrol enrols the demonstration's customer, where there is none yet: one that is there may have changed since. */
export const bootstrap = async (
  handler: Handler,
  dataDir: string,
  now: number,
  enrol: (context: CommandContext, customer: typeof demoCustomer) => Promise<void>,
): Promise<Credentials> => {
  const file = join(dataDir, 'credentials.json');
  const kept = readCredentials(file);
  if (kept) return kept;
  const { handle } = handler;
  const run = randomBytes(6).toString('hex');
  const context = (idempotencyKey: string): CommandContext => ({
    tenant: demo.tenant,
    actor: { kind: 'system', id: 'bootstrap' },
    now,
    idempotencyKey,
    correlationId: `bootstrap-${run}`,
  });
  const { merchantId, pointOfSaleId, login: operatorId } = demo;
  const name = 'Demonstration';
  const { gsrnPrefix } = demo;
  await handle(registerTenant, { name, currency: 'GBP', gsrnPrefix }, context('tenant'));
  await handle(setProgrammeRule, { rule: demoRule }, context('rule'));
  await handle(
    registerMerchant,
    { merchantId, name: 'Corner shop', timeZone: 'Europe/London' },
    context('merchant'),
  );
  await handle(
    registerPointOfSale,
    { pointOfSaleId, merchantId, name: 'High Street' },
    context('pointOfSale'),
  );
  const till = await handle(
    registerTill,
    { tillId: `till${run}` as TillId, merchantId, pointOfSaleId, name: 'Till 1' },
    context(`till-${run}`),
  );
  if (!till.answer.token) throw new Error('the till was registered without a token');
  const password = randomBytes(15).toString('base64url');
  if (handler.directory.operator(demo.tenant, operatorId)) {
    await handle(changeOperatorPassword, { operatorId, password }, context(`password-${run}`));
  } else {
    await handle(
      registerOperator,
      { operatorId, name: 'Owner', password, roles: ['owner'] },
      context('operator'),
    );
  }
  const { status } = await handler.state(accountStream(demo.tenant, demoUserId), account);
  if (status === 'unknown') await enrol(context('customer'), demoCustomer);
  const credentials: Credentials = {
    tenant: demo.tenant,
    merchantId,
    pointOfSaleId,
    tillId: till.answer.tillId,
    tillToken: till.answer.token,
    operator: { login: operatorId, password },
    userId: demoUserId,
  };
  writePrivately(file, credentials);
  return credentials;
};

const readCredentials = (file: string): Credentials | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read: remove it to have new credentials made`, {
      cause: error,
    });
  }
};

/** Whole or not at all, and never readable by others in between. */
export const writePrivately = (file: string, content: unknown): void => {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};
