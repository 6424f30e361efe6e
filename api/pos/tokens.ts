/**
 * /pos/v1/tokens/: the tokens of tills. A token is shown once, when its till is registered; afterwards a till is known by its id.
 *
 * The merchants' API names a token in the path. That works here too, and nothing of it is kept: the log has the path's template.
 */
import { type Static, Type } from '@sinclair/typebox';
import { parseToken, secretMatches } from '../../commands/credentials.js';
import type { TillRecord } from '../../commands/directoryShelf.js';
import { registerTill } from '../../commands/registry/registerTill.js';
import { revokeTill } from '../../commands/registry/revokeTill.js';
import { MerchantId, PointOfSaleId, TillId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, mustServe, operatorsOnly, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { limitDefault, listQuery, Page, pageOf } from './reading.js';
import type { PosServices } from './services.js';

const till = {
  tillId: TillId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  name: Type.String(),
} as const;
const status = Type.Union([Type.Literal('active'), Type.Literal('revoked')]);
const TillShown = Type.Object({ ...till, status }, { title: 'TillToken' });

const tokenParam = {
  token: Type.String({
    minLength: 4,
    maxLength: 200,
    description: "The till's id, or its token itself",
    examples: ['till1'],
  }),
} as const;

const shown = (record: TillRecord): Static<typeof TillShown> => {
  const { tillId, merchantId, pointOfSaleId, name } = record;
  return { tillId, merchantId, pointOfSaleId, name, status: record.status };
};

const readers = ['owner', 'manager', 'analyst', 'auditor'] as const;

export const tokenRoutes = ({ handler }: PosServices): readonly Route[] => {
  const { directory } = handler;

  /** The till that the path means. @throws Rejected till-not-found, also for what the caller may not know of. */
  const meant = (caller: Caller, text: string): TillRecord => {
    const token = parseToken(text);
    const record = directory.till(caller.tenant, token ? (token.id as TillId) : (text as TillId));
    const right =
      !token ||
      (token.kind === 'till' &&
        token.tenant === caller.tenant &&
        record !== undefined &&
        secretMatches(token.secret, record.secretHash));
    const own =
      caller.kind === 'operator' || (caller.kind === 'till' && caller.tillId === record?.tillId);
    if (!record || !right || !own) throw rejected('till-not-found');
    if (caller.kind === 'operator') mustServe(caller, record.merchantId);
    return record;
  };

  return [
    route({
      method: 'GET',
      path: '/pos/v1/tokens/',
      summary: 'Lists tills, without their secrets',
      tags: ['Tokens'],
      access: operatorsOnly(...readers),
      query: listQuery,
      response: Page('TillTokens', TillShown),
      handle: ({ caller, query }) => {
        const { limit = limitDefault, after = '' } = query;
        const own = caller.kind === 'operator' ? caller.merchantId : null;
        const found = [...directory.tills(caller.tenant)]
          .filter(({ tillId, merchantId }) => tillId > after && (own ?? merchantId) === merchantId)
          .sort((a, b) => (a.tillId < b.tillId ? -1 : 1));
        return { body: pageOf(found, limit, ({ tillId }) => tillId, shown) };
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/tokens/',
      summary: 'Registers a till and shows its token, once',
      description:
        'A repeated request answers `token: null`: a lost token is replaced by a new till.',
      tags: ['Tokens'],
      access: editorsOnly,
      body: registerTill.input,
      idempotencyKey: 'required',
      command: registerTill.name,
      status: 201,
      response: Recorded('RegisteredTill', {
        ...till,
        token: Type.Union([Type.String(), Type.Null()]),
      }),
      problems: ['merchant-not-found', 'point-of-sale-not-found', 'already-registered', 'revoked'],
      examples: {
        body: [
          { summary: 'A new till', value: { merchantId: 1, pointOfSaleId: 1, name: 'Till 2' } },
        ],
      },
      handle: async (request) => {
        const { caller, body } = request;
        if (caller.kind === 'operator') mustServe(caller, body.merchantId);
        return recorded(await handler.handle(registerTill, body, contextOf(request, undefined)));
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/tokens/{token}',
      summary: 'The till of a token; a till may ask for itself only',
      tags: ['Tokens'],
      access: tillsAnd(...readers),
      params: tokenParam,
      response: TillShown,
      problems: ['till-not-found', 'foreign-merchant'],
      handle: ({ caller, params }) => ({ body: shown(meant(caller, params.token)) }),
    }),
    route({
      method: 'DELETE',
      path: '/pos/v1/tokens/{token}',
      summary: 'Revokes the token of a till for ever',
      tags: ['Tokens'],
      access: editorsOnly,
      params: tokenParam,
      query: { reason: Type.Optional(Type.String({ maxLength: 500 })) },
      idempotencyKey: 'optional',
      command: revokeTill.name,
      response: Recorded('RevokedTill', { tillId: TillId }),
      problems: ['till-not-found', 'foreign-merchant'],
      handle: async (request) => {
        const { tillId } = meant(request.caller, request.params.token);
        const input = { tillId, reason: request.query.reason ?? 'revoked by an operator' };
        return recorded(await handler.handle(revokeTill, input, contextOf(request, undefined)));
      },
    }),
  ];
};
