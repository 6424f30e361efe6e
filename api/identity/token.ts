/**
 * /auth/token: OAuth 2.0 client credentials (RFC 6749, 4.4). A program shows its client id and secret and gets a JWT for a quarter
 * of an hour, so that the secret itself need not travel with every request. Errors are as that RFC has them, since its clients
 * look for nothing else.
 */
import { type Static, Type } from '@sinclair/typebox';
import { parseClient } from '../../commands/credentials.js';
import { authenticateProgram } from '../../commands/partnerAuthentication.js';
import type { CredentialRecord } from '../../commands/exchange.js';
import type { TenantId } from '../../domain/ids.js';
import { everybody } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import { type Reply, type Route, route } from '../route.js';
import type { Upload } from '../upload.js';
import type { IdentityServices } from './services.js';

const Form = Type.Object(
  {
    grant_type: Type.Literal('client_credentials'),
    client_id: Type.Optional(Type.String({ examples: ['demo.pc0123456789abcdef'] })),
    client_secret: Type.Optional(Type.String({ format: 'password' })),
  },
  {
    additionalProperties: false,
    title: 'TokenRequest',
    description: 'The client may also be named by HTTP Basic',
  },
);

const TokenAnswer = Type.Object(
  {
    access_token: Type.String(),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds' }),
    scope: Type.String({ description: 'The roles of the program' }),
  },
  { title: 'Token' },
);
const TokenError = Type.Object(
  { error: Type.String(), error_description: Type.String() },
  { title: 'TokenError' },
);
type Answer = Static<typeof TokenAnswer> | Static<typeof TokenError>;

const formType = 'application/x-www-form-urlencoded';
const formBytesMax = 4_096;
const perAddress = { free: 20, secondsMax: 60 } as const;
const noStore = { 'cache-control': 'no-store' } as const;

const failure = (status: number, error: string, description: string): Reply<Answer> => ({
  status,
  body: { error, error_description: description },
  headers:
    status === 401 ? { ...noStore, 'www-authenticate': 'Basic realm="kopilka"' } : { ...noStore },
});

const formOf = async (upload: Upload): Promise<URLSearchParams> => {
  const lines: string[] = [];
  for await (const some of upload.lines()) lines.push(...some);
  return new URLSearchParams(lines.join('\n'));
};

/** By HTTP Basic (both parts percent-encoded, RFC 6749 2.3.1) or in the form, never by both: null where by none or both. */
const clientOf = (header: string | undefined, form: URLSearchParams): [string, string] | null => {
  const inForm = form.has('client_secret');
  if (header === undefined) {
    return inForm ? [form.get('client_id') ?? '', form.get('client_secret') ?? ''] : null;
  }
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header) ?? [];
  if (encoded === undefined || inForm) return null;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  try {
    return [decodeURIComponent(id), decodeURIComponent(secret.join(':'))];
  } catch {
    return null;
  }
};

const single = (form: URLSearchParams): boolean =>
  [...new Set(form.keys())].every((name) => form.getAll(name).length === 1);

export const tokenRoute = ({ handler, tokens }: IdentityServices): Route => {
  const addresses = createBackOff(perAddress);

  const programOf = (
    client: readonly [string, string],
  ): { readonly tenant: TenantId; readonly credential: CredentialRecord } | null => {
    const token = parseClient(...client);
    if (token?.kind !== 'partner') return null;
    const { tenant, id, secret } = token;
    const credential = authenticateProgram(handler.directory, tenant, id, secret);
    return credential && { tenant, credential };
  };

  return route({
    method: 'POST',
    path: '/auth/token',
    summary: 'OAuth 2.0 client credentials: a short-lived token for a program of a partner',
    tags: ['Identity'],
    access: everybody,
    body: Form,
    upload: { contentTypes: [formType], bytesMax: formBytesMax, lineMax: formBytesMax },
    response: Type.Union([TokenAnswer, TokenError]),
    problems: ['rate-limited'],
    handle: async ({ body, headers, now, address }): Promise<Reply<Answer>> => {
      const form = await formOf(body as unknown as Upload);
      if (!single(form)) return failure(400, 'invalid_request', 'Send each parameter once.');
      if (form.get('grant_type') !== 'client_credentials') {
        return failure(400, 'unsupported_grant_type', 'Use client_credentials.');
      }
      const client = clientOf(headers['authorization'] as string | undefined, form);
      if (!client) {
        return failure(401, 'invalid_client', 'Send client_id and client_secret, in one way.');
      }
      addresses.begin(address, now);
      const program = programOf(client);
      if (!program) return failure(401, 'invalid_client', 'Check client_id and client_secret.');
      addresses.takeBack(address);
      const { tenant, credential } = program;
      const { partnerId, credentialId, roles } = credential;
      const holder = { tenant, partnerId, credentialId, roles };
      const { token, expiresAt } = await tokens.issueToPartner(holder, now);
      return {
        body: {
          access_token: token,
          token_type: 'Bearer',
          expires_in: Math.floor((expiresAt - now) / 1000),
          scope: roles.join(' '),
        },
        headers: { ...noStore },
      };
    },
  });
};
