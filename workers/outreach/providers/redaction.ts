/**
 * What a provider answers goes into the log of facts and into that of the process: without its secrets, and without the address and the text
 * that it may repeat.
 */
import { addressForms } from '../../../domain/message/address.js';
import type { Outgoing, SendResult } from './port.js';

const mark = '•••';
/** Shorter ones would take words apart that have nothing to do with it. */
const lengthMin = 4;

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
};

const withinJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As they stand, and as they look within JSON, within a URL or in base64. */
const formsOf = (text: string): string[] => [
  ...new Set([
    ...[text, withinJson(text), encodeURIComponent(text)],
    Buffer.from(text).toString('base64'),
  ]),
];

export type Redact = (text: string) => string;

const without =
  (hidden: readonly string[]): Redact =>
  (text) =>
    hidden.reduce((rest, one) => (rest.includes(one) ? rest.replaceAll(one, mark) : rest), text);

export const secretsRedacted = (secrets: unknown): Redact =>
  without(
    textsIn(secrets)
      .filter(({ length }) => length >= lengthMin)
      .flatMap(formsOf),
  );

const messageRedacted = ({ to, content }: Outgoing): Redact =>
  without(
    [...addressForms(to), ...textsIn(content)]
      .filter(({ length }) => length >= lengthMin)
      .flatMap((text) => [...new Set([text, withinJson(text)])])
      .sort((one, other) => other.length - one.length),
  );

export const redacted = (result: SendResult, message: Outgoing, secrets: Redact): SendResult => {
  const { response } = result;
  if (result.outcome === 'submitted' && response === undefined) return result;
  const personal = messageRedacted(message);
  const clean: Redact = (text) => personal(secrets(text));
  return {
    ...result,
    ...(response === undefined ? {} : { response: clean(response) }),
    ...(result.outcome === 'refused' ? { text: clean(result.text), code: clean(result.code) } : {}),
  };
};

/** The same kind of error, with a message and a stack that tell no secret. */
export const errorRedacted = (error: unknown, secrets: Redact): Error => {
  const { name = 'Error', message = String(error), stack = '' } = error as Partial<Error>;
  const clean = new Error(secrets(message));
  clean.name = name;
  clean.stack = secrets(stack);
  return clean;
};
