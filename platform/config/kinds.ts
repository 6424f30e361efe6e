/**
 * The kinds of setting: how each is read from text, said in a sentence for the reference, and refused.
 * A kind's parse answers with the value or throws an Error whose message finishes "NAME: …".
 */
import { gelfAddressOf, gelfSchemes } from '../logging/gelf/address.js';
import { rangeOf } from '../outbound/addresses.js';

export interface Kind<T> {
  /** For the reference table. */
  readonly description: string;
  /** @throws Error with what is expected. */
  parse(text: string): T;
}

const expected = (what: string): Error => new Error(`expected ${what}`);

export const text: Kind<string> = { description: 'text', parse: (value) => value };

const truths = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

export const boolean: Kind<boolean> = {
  description: 'true or false',
  parse: (value) => {
    const truth = truths.get(value.toLowerCase());
    if (truth === undefined) throw expected('true or false');
    return truth;
  },
};

export const integer = (min: number, max: number): Kind<number> => {
  const description = `integer, ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
  return {
    description,
    parse: (value) => {
      const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
      if (!(number >= min && number <= max)) throw expected(`an ${description}`);
      return number;
    },
  };
};

export const share: Kind<number> = {
  description: 'number, 0 to 1',
  parse: (value) => {
    if (!/^(?:0|1|1\.0+|0?\.\d{1,9})$/.test(value)) throw expected('a number from 0 to 1');
    return Number(value);
  },
};

/** A URL with one of the schemes, or nothing. */
export const optionalUrl = (...schemes: readonly string[]): Kind<string> => {
  const description = `URL (${schemes.map((scheme) => `${scheme}://`).join(', ')}) or empty`;
  return {
    description,
    parse: (value) => {
      if (value === '') return value;
      // Connection strings may name several hosts, which the URL standard does not know.
      const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/\s]+/.exec(value)?.[1];
      if (scheme === undefined || !schemes.includes(scheme)) throw expected(`a ${description}`);
      return value;
    },
  };
};

/** Where GELF is taken, or nothing. */
export const gelfReceiver: Kind<string> = {
  description: `URL (${gelfSchemes.map((scheme) => `${scheme}://`).join(', ')}) or empty`,
  parse: (value) => {
    if (value !== '') gelfAddressOf(value);
    return value;
  },
};

export const oneOf = <const T extends string>(...values: readonly T[]): Kind<T> => {
  const description = `one of ${values.join(', ')}`;
  return {
    description,
    parse: (value) => {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw expected(description);
      return found;
    },
  };
};

/** Comma-separated, at least one, each once. */
export const listOf = <T extends string>(item: Kind<T>): Kind<readonly T[]> => ({
  description: `comma-separated list, each ${item.description}`,
  parse: (value) => {
    const items = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => item.parse(part));
    if (items.length === 0) throw expected('at least one entry');
    return Object.freeze([...new Set(items)]);
  },
});

/** Comma-separated ids, each once; none where it is empty. */
export const ids: Kind<readonly string[]> = {
  description: 'comma-separated list of ids, or empty',
  parse: (value) => {
    const found = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const faulty = found.find((id) => !/^[a-z][a-z0-9]{0,62}$/.test(id));
    if (faulty !== undefined) throw expected(`ids such as demo, not ${faulty}`);
    return Object.freeze([...new Set(found)]);
  },
};

/** Address ranges, comma-separated; none where it is empty. */
export const networks: Kind<readonly string[]> = {
  description: 'comma-separated list of address ranges, such as 10.1.0.0/16, or empty',
  parse: (value) => {
    const ranges = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    for (const range of ranges) {
      try {
        rangeOf(range);
      } catch {
        throw expected(`address ranges such as 10.1.0.0/16 or fd00::/8, not ${range}`);
      }
    }
    return Object.freeze(ranges);
  },
};

/** Servers, comma-separated; none where it is empty. */
export const servers: Kind<readonly string[]> = {
  description: 'comma-separated list of host:port, or empty',
  parse: (value) => {
    const found = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const faulty = found.find((server) => !/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/.test(server));
    if (faulty !== undefined) throw expected(`host:port, not ${faulty}`);
    return Object.freeze(found);
  },
};
