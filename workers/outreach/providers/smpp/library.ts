/** What is used of the smpp package, which has no types of its own; loaded with the first message. */
import { createRequire } from 'node:module';
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

export interface Pdu {
  readonly command: string;
  readonly command_status: number;
  readonly sequence_number: number;
  readonly message_id?: string;
  readonly esm_class?: number;
  readonly data_coding?: number;
  readonly source_addr?: string;
  readonly destination_addr?: string;
  readonly short_message?: { readonly message?: string | Buffer } | Buffer | string;
  readonly message_payload?: { readonly message?: string | Buffer } | Buffer | string;
  readonly receipted_message_id?: string;
  readonly message_state?: number;
  response(fields?: Readonly<Record<string, unknown>>): Pdu;
}

export interface SmppSession extends EventEmitter {
  /** False where the connection is gone: nothing was written. */
  send(pdu: Pdu, onResponse?: (response: Pdu) => void): boolean;
  close(): void;
  destroy(): void;
  readonly _callbacks: Record<number, unknown>;
}

export interface SmppLibrary {
  readonly Session: new (options: { readonly socket: Duplex }) => SmppSession;
  readonly PDU: new (command: string, fields?: Readonly<Record<string, unknown>>) => Pdu;
  readonly errors: Readonly<Record<string, number>>;
  readonly encodings: {
    readonly ASCII: { encode(text: string): Buffer };
  };
}

let library: SmppLibrary | undefined;

export const loadSmpp = (): SmppLibrary =>
  (library ??= createRequire(import.meta.url)('smpp') as SmppLibrary);
