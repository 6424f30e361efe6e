/** What is heard, for people a line each, and for programs as NDJSON. Only events go to standard output; all else is beside it. */
import { colours } from '../output/colours.js';
import { moment } from '../output/numbers.js';
import { summaryOf } from '../eventsTable.js';
import type { Forwarded } from './forward.js';
import type { Item } from './heard.js';

export interface Printer {
  item(item: Item, forwarded: Forwarded | null): void;
  /** Of the places that are not for this reader, of the connection, of an event that is none. */
  aside(text: string): void;
  trouble(text: string): void;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Columns grow with what comes, so that a name that is long once does not cut the others. */
const columns = (most: number) => {
  let width = 0;
  return (value: string): string => {
    width = Math.min(most, Math.max(width, value.length));
    return value.length > most ? `${value.slice(0, most - 1)}…` : value.padEnd(width);
  };
};

const dataOf = ({ data, data_base64: base64 }: Item['event']): string => {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
    return summaryOf(data as Record<string, unknown>);
  }
  if (base64 !== undefined) return `${text(base64).length} characters of base64`;
  return data === undefined ? '' : JSON.stringify(data).slice(0, 72);
};

export const createPrinter = (options: {
  readonly json: boolean;
  readonly topicId: string;
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}): Printer => {
  const { json, topicId, out, err } = options;
  const { bold, dim, green, red, yellow } = colours(out);
  const aside = colours(err);
  const type = columns(40);
  const subject = columns(24);

  const answer = ({ status, ms, error }: Forwarded): string => {
    if (status === null) return red(`→ ${error ?? 'no answer'} after ${ms} ms`);
    const said = `→ ${status} in ${ms} ms`;
    return status >= 200 && status < 300 ? green(said) : yellow(said);
  };

  return {
    item: (item, forwarded) => {
      if (json) {
        const more = forwarded ? { forwarded } : {};
        out.write(`${JSON.stringify({ topicId, ...item, ...more })}\n`);
        return;
      }
      const { place, publishedAt, event } = item;
      const cells = [
        bold(String(place).padStart(7)),
        dim(moment(publishedAt)),
        type(text(event['type'])),
        subject(text(event['subject'])),
        dataOf(event),
        ...(forwarded ? [answer(forwarded)] : []),
      ];
      out.write(`${cells.join('  ').trimEnd()}\n`);
    },
    aside: (words) => void err.write(`${aside.dim(words)}\n`),
    trouble: (words) => void err.write(`${aside.yellow(words)}\n`),
  };
};
