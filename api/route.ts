/**
 * A route as data: where it is, who may use it, the shapes of what goes in and out, and the function that answers.
 *
 * The server, the OpenAPI document and the tests are all made from the same definition, so they cannot disagree. Input is
 * checked once: by the framework (`checkedBy: 'route'`), or by the command that the route hands it to (`checkedBy: 'command'`,
 * see commands/handle.ts), and then `params` and `body` are only what they claim to be once the command has looked at them.
 */
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { Access } from './auth/access.js';
import type { Caller } from './auth/caller.js';
import type { Live } from './live.js';
import type { ProblemCode } from './problemCodes.js';
import type { UploadRules } from './upload.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequest<Params, Query, Body> {
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Of the header Idempotency-Key; empty where it was left out. */
  readonly idempotencyKey: string;
  readonly correlationId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Asked for the headers alone (HEAD): nothing of the body is shown to anybody. */
  readonly isHead: boolean;
  /** Of the client, behind as many gateways as are trusted. */
  readonly address: string;
  /** Of routes whose answer goes on (live.ts), null otherwise. */
  readonly live: Live | null;
}

export interface Reply<Body = unknown> {
  /**
   * Sent as JSON; a Buffer or a string is sent as it is, under `contentType`, and so is an async iterable of them, piece by piece.
   */
  readonly body: Body | AsyncIterable<string | Buffer>;
  /** Instead of the route's own. */
  readonly status?: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as Kopilka-Position, and logged. */
  readonly position?: bigint | null;
}

export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

export interface RouteOptions<
  P extends TProperties,
  Q extends TProperties,
  B extends TSchema,
  R extends TSchema,
> {
  readonly method: Method;
  /** `/pos/v1/users/{userId}/purchases/`; a slash at the end may always be left out or put in. */
  readonly path: string;
  /** A few words. */
  readonly summary: string;
  /** Markdown. */
  readonly description?: string;
  readonly tags: readonly [string, ...string[]];
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  /** Documented; the framework checks none but Idempotency-Key. */
  readonly headers?: TProperties;
  readonly body?: B;
  /** Bytes, where a body may be larger than others. */
  readonly bodyBytesMax?: number;
  /** The body is a file: `body` describes it, and the route is given an Upload (see upload.ts) in its place. */
  readonly upload?: UploadRules;
  readonly checkedBy?: 'route' | 'command';
  readonly idempotencyKey?: 'required' | 'optional';
  /** The name of the command it carries out, for the log. */
  readonly command?: string;
  readonly response: R;
  readonly contentType?: string;
  /** Of the usual answer. Default 200. */
  readonly status?: number;
  /** The answer goes on until one side ends it: see liveRoute.ts. */
  readonly live?: true;
  /** False: it does not count towards the caller's limit of requests. */
  readonly isMetered?: boolean;
  /** Says an error of the command in the terms of what was sent. */
  readonly translate?: (error: unknown) => unknown;
  /** What it may refuse, besides what every route of its kind does. */
  readonly problems?: readonly ProblemCode[];
  readonly examples?: {
    readonly body?: readonly Example[];
    readonly response?: readonly Example[];
  };
  readonly handle: (
    request: ApiRequest<Static<TObject<P>>, Static<TObject<Q>>, Static<B>>,
  ) => Reply<Static<R>> | Promise<Reply<Static<R>>>;
}

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly access: Access;
  readonly params: TObject;
  readonly paramNames: readonly string[];
  readonly query: TObject;
  readonly headers: TObject;
  readonly body: TSchema | null;
  readonly upload: UploadRules | null;
  readonly bodyBytesMax: number;
  readonly checkedBy: 'route' | 'command';
  readonly idempotencyKey: 'required' | 'optional' | 'none';
  readonly command: string | null;
  readonly response: TSchema;
  readonly contentType: string;
  readonly status: number;
  readonly live: boolean;
  readonly isMetered: boolean;
  readonly translate: ((error: unknown) => unknown) | null;
  readonly problems: readonly ProblemCode[];
  readonly examples: { readonly body: readonly Example[]; readonly response: readonly Example[] };
  readonly handle: (request: ApiRequest<unknown, unknown, unknown>) => Reply | Promise<Reply>;
}

const closed = { additionalProperties: false } as const;

export const route = <
  R extends TSchema,
  P extends TProperties = Record<never, never>,
  Q extends TProperties = Record<never, never>,
  B extends TSchema = TSchema,
>(
  options: RouteOptions<P, Q, B, R>,
): Route => {
  const paramNames = [...options.path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string);
  const described = Object.keys(options.params ?? {});
  if (paramNames.join() !== described.join()) {
    throw new Error(`${options.path}: describe its parameters in order, not ${described.join()}`);
  }
  return {
    method: options.method,
    path: options.path,
    summary: options.summary,
    description: options.description ?? '',
    tags: options.tags,
    access: options.access,
    params: Type.Object(options.params ?? {}, closed),
    paramNames,
    query: Type.Object(options.query ?? {}, closed),
    headers: Type.Object(options.headers ?? {}),
    body: options.body ?? null,
    upload: options.upload ?? null,
    bodyBytesMax: options.bodyBytesMax ?? 0,
    checkedBy: options.checkedBy ?? 'route',
    idempotencyKey: options.idempotencyKey ?? 'none',
    command: options.command ?? null,
    response: options.response,
    contentType: options.contentType ?? 'application/json',
    status: options.status ?? 200,
    live: options.live ?? false,
    isMetered: options.isMetered ?? true,
    translate: options.translate ?? null,
    problems: options.problems ?? [],
    examples: { body: [], response: [], ...options.examples },
    // The framework hands over exactly what the schemas above describe.
    handle: options.handle as Route['handle'],
  };
};
