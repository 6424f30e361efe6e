/**
 * What the dispatcher asks of the way out of the building: one request, and how it ended. platform/outbound implements it: no private
 * addresses, no redirects, a deadline for the whole of it, 20 KB of the answer.
 */
export interface DialRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly deadlineMs: number;
  /** Of what is sent, where it was traced: no part of the request by themselves (tracing.ts). */
  readonly traceparents?: readonly (string | undefined)[];
}

export type DialOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Names in lower case; of several values the first. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
      /** There was more of it. */
      readonly truncated: boolean;
      readonly milliseconds: number;
    }
  /** Nothing was dialled: the address, or the URL itself, may not be called. */
  | { readonly kind: 'refused'; readonly reason: string; readonly milliseconds: number }
  /** It did not come to an answer; where `sent` is false the other side has seen nothing of it. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly reason: string;
      readonly sent: boolean;
      readonly milliseconds: number;
    };

/** The connections of one endpoint: what another does holds none of them up. */
export interface Dialler {
  call(request: DialRequest): Promise<DialOutcome>;
  /** Ends what is under way. Twice is safe. */
  close(): Promise<void>;
}

/** @param connectionsMax at one time. */
export type OpenDialler = (connectionsMax: number) => Dialler;
