/**
 * A request as data: JSON, an address and headers with places for what a message says. `{{text}}` alone keeps the kind of its value; within a
 * string it becomes text. Nothing is computed: what a place may name is a list, and a place that names something else is refused when
 * the provider is registered or opened.
 */
import { addressText } from '../../../../domain/message/address.js';
import type { Outgoing } from '../port.js';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Values = Readonly<Record<string, Json>>;

const place = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;
const onlyPlace = /^\{\{\s*([A-Za-z][\w.]*)\s*\}\}$/;

/** What places may name, besides `secrets.…` and, in the body of a batch, `items`. */
export const placeNames = [
  ...['to', 'name', 'text', 'subject', 'html', 'link', 'clientReference', 'messageId', 'attempt'],
  ...['class', 'expiresAt', 'ttlSeconds', 'traceparent'],
] as const;

export const placesIn = (template: unknown): string[] => {
  if (typeof template === 'string') {
    return [...template.matchAll(place)].map((found) => found[1] as string);
  }
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(placesIn);
};

/** Half a surrogate pair has no form in an address, and in a body nobody reads it. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const valueOf = (values: Values, name: string): Json | undefined => {
  const value = values[name];
  return typeof value === 'string' ? wellFormed(value) : value;
};

const textOf = (value: Json | undefined): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** @param write how a value is written within a text: as it is, or as part of an address. */
export const filledText = (
  template: string,
  values: Values,
  write: (text: string) => string = (text) => text,
): string => template.replace(place, (_all, name: string) => write(textOf(valueOf(values, name))));

/** What a place stands for that has no value is left out of its object. */
export const filled = (template: Json, values: Values): Json | undefined => {
  if (typeof template === 'string') {
    const alone = onlyPlace.exec(template)?.[1];
    return alone === undefined ? filledText(template, values) : valueOf(values, alone);
  }
  if (Array.isArray(template)) return template.map((one: Json) => filled(one, values) ?? null);
  if (typeof template !== 'object' || template === null) return template;
  const entries = Object.entries(template).flatMap(([key, inner]): [string, Json][] => {
    const value = filled(inner, values);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
};

export const valuesOf = (message: Outgoing, now: number): Values => {
  const { content, to, expiresAt, traceparent } = message;
  const name = to.kind === 'email' ? to.name : undefined;
  const given = {
    name,
    subject: content.subject,
    html: content.html,
    link: content.link,
    traceparent,
  };
  return {
    to: addressText(message.to),
    text: content.text,
    clientReference: message.clientReference,
    messageId: message.messageId,
    attempt: message.attempt,
    class: message.class,
    expiresAt: new Date(expiresAt).toISOString(),
    ttlSeconds: Math.max(0, Math.floor((expiresAt - now) / 1_000)),
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Values),
  };
};

export const secretValues = (secrets: Readonly<Record<string, string>>): Values =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`secrets.${name}`, value]));
