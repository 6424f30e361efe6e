/**
 * Where an import goes: the programme, the merchant, its shop and the till that sends the receipts. Made where they are not there
 * yet, found again by the next run: every registration has a fixed key.
 *
 * A till's token is shown once, so it is kept in DIR/tenants/<tenant>.json. Another till instead of a lost one would not do: the
 * anonymous receipts of a till are its own, and would be counted twice.
 */
import { randomBytes } from 'node:crypto';
import { exitCodes, Failure } from '../failure.js';
import {
  readReady,
  readTenantCredentials,
  type TenantCredentials,
  writeTenantCredentials,
} from '../http/ready.js';
import { type ConnectionOptions, openSession, type Session } from '../http/session.js';
import type { ReceiptFormat } from './sourceLine.js';

export interface Place {
  readonly session: Session;
  readonly merchantId: number;
  readonly gsrnPrefix: string;
  readonly tillToken: string;
}

export interface PlaceOptions extends ConnectionOptions {
  readonly createTenant: boolean;
  readonly tillToken?: string;
  readonly say: (line: string) => void;
}

interface TenantShown {
  readonly tenantId: string;
  readonly currency: string;
  readonly gsrnPrefix: string;
}

/** One point for every unit of the currency; points never expire: these receipts are years old. */
const ruleOf = (currency: string) => ({
  currency,
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'withinBalance',
});

/** @throws Failure */
export const preparePlace = async (
  format: ReceiptFormat,
  options: PlaceOptions,
  connections: number,
): Promise<Place> => {
  const tenant = options.tenant ?? format.tenantId;
  const ready = readReady(options.data);
  const kept = readTenantCredentials(options.data, tenant);
  const known =
    options.login !== undefined || ready?.tenant === tenant || (kept && kept.pending !== true);
  if (!known) await openTenant(tenant, format, options, kept);
  const session = await openSession({ ...options, tenant }, connections);
  const shown = await session.get<TenantShown>('/admin/v1/tenant');
  if (shown.currency !== format.currency) {
    session.close();
    throw new Failure(
      `The receipts are in ${format.currency}, the programme ${tenant} counts in ${shown.currency}.`,
      {
        exitCode: exitCodes.usage,
        advice: `Leave --tenant out to import into a programme of their own (${format.tenantId}), or name a new one with --tenant NAME --create-tenant.`,
      },
    );
  }
  await ensureRule(session, format.currency);
  const merchantId = await ensureMerchant(session, format);
  const tillToken =
    options.tillToken ?? (await ensureTill(session, format, merchantId, options.data));
  return { session, merchantId, gsrnPrefix: shown.gsrnPrefix, tillToken };
};

/** The password is kept before it is used: a programme whose owner nobody can be any more would be lost. */
const openTenant = async (
  tenant: string,
  format: ReceiptFormat,
  options: PlaceOptions,
  begun: TenantCredentials | null,
): Promise<void> => {
  if (tenant !== format.tenantId && !options.createTenant) {
    throw new Failure(`No login is kept for the programme ${tenant} in ${options.data}.`, {
      exitCode: exitCodes.usage,
      advice:
        'Add --create-tenant to open it, or name an operator with --login and KOPILKA_PASSWORD.',
    });
  }
  const { tenant: _home, ...connection } = options;
  const home = await openSession(connection);
  const operator = begun?.operator ?? {
    login: 'owner',
    password: randomBytes(18).toString('base64url'),
  };
  const credentials = { tenant, operator, tills: {} };
  writeTenantCredentials(options.data, { ...credentials, pending: true });
  try {
    await home.send({
      method: 'POST',
      path: '/admin/v1/tenants',
      idempotencyKey: `import/tenant/${tenant}`,
      body: {
        tenantId: tenant,
        name: format.merchantName,
        currency: format.currency,
        gsrnPrefix: format.gsrnPrefix,
        rule: ruleOf(format.currency),
        owner: { operatorId: operator.login, name: 'Owner', password: operator.password },
      },
    });
  } finally {
    home.close();
  }
  const file = writeTenantCredentials(options.data, credentials);
  options.say(
    `Opened the programme ${tenant} (${format.currency}); its owner's login is in ${file}.`,
  );
};

const ensureRule = async (session: Session, currency: string): Promise<void> => {
  try {
    await session.get('/admin/v1/programme');
  } catch (error) {
    if (!(error instanceof Failure && error.message.includes('programme-not-set'))) throw error;
    const body = { rule: ruleOf(currency) };
    await session.send({ method: 'PUT', path: '/admin/v1/programme', body });
  }
};

const ensureMerchant = async (session: Session, format: ReceiptFormat): Promise<number> => {
  const { body } = await session.send<{ merchantId: number }>({
    method: 'POST',
    path: '/admin/v1/merchants',
    idempotencyKey: `import/${format.name}/merchant`,
    // The file's times are taken as UTC: so are its days.
    body: { name: format.merchantName, timeZone: 'UTC' },
  });
  return body.merchantId;
};

const ensureTill = async (
  session: Session,
  format: ReceiptFormat,
  merchantId: number,
  dataDir: string,
): Promise<string> => {
  const kept = readTenantCredentials(dataDir, session.tenant);
  const known = kept?.tills[format.tillId];
  if (known !== undefined) return known;
  const shop = await session.send<{ pointOfSaleId: number }>({
    method: 'POST',
    path: '/admin/v1/points-of-sale',
    idempotencyKey: `import/${format.name}/point-of-sale`,
    body: { merchantId, name: format.merchantName },
  });
  const { pointOfSaleId } = shop.body;
  const till = await session.send<{ token: string | null }>({
    method: 'POST',
    path: '/admin/v1/tills',
    idempotencyKey: `import/${format.name}/till`,
    body: { tillId: format.tillId, merchantId, pointOfSaleId, name: 'Import' },
  });
  const { token } = till.body;
  if (token === null) {
    throw new Failure(
      `The till ${format.tillId} was registered before, and its token is not in ${dataDir}.`,
      {
        exitCode: exitCodes.usage,
        advice:
          'Give the token with --till-token; it was shown once, when the till was registered.',
      },
    );
  }
  writeTenantCredentials(dataDir, withTill(session, kept, format.tillId, token));
  return token;
};

const withTill = (
  session: Session,
  kept: TenantCredentials | null,
  tillId: string,
  token: string,
): TenantCredentials => ({
  tenant: session.tenant,
  operator: kept?.operator ?? session.ready?.operator ?? { login: '', password: '' },
  tills: { ...kept?.tills, [tillId]: token },
});
