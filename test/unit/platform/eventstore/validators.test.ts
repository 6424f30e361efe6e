import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventDefinitions } from '../../../../domain/registry.js';
import { packageRoot } from '../../../../platform/packageRoot.js';
import { createValidators } from '../../../../platform/eventstore/validators.js';

interface Golden {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
}

const folder = join(packageRoot, 'test/golden/events');
const golden = readdirSync(folder)
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden)
  .filter(({ type, schemaVersion }) => eventDefinitions.get(type)?.schemaVersion === schemaVersion)
  // The others are not divided.
  .filter(({ data }) => Object.values(data).some((value) => typeof value === 'object'));

/** The same data with one of its values, however deep, replaced by an empty text or an empty record. */
const spoilt = function* (data: unknown): Generator<unknown> {
  if (typeof data !== 'object' || data === null) return;
  for (const [name, value] of Object.entries(data)) {
    for (const other of ['', {}, ...spoilt(value)]) {
      const copy: Record<string, unknown> = structuredClone(data) as Record<string, unknown>;
      copy[name] = other;
      yield copy;
    }
  }
};

describe('the checks of events', () => {
  const validatorOf = createValidators();

  it('judge as the whole schema does and find the fault at the same place', () => {
    const ajv = addFormats.default(new Ajv({ strict: false }));
    let refusals = 0;
    for (const { type, data } of golden) {
      const definition = eventDefinitions.get(type);
      if (!definition) throw new Error(`there is no event ${type}`);
      const whole = ajv.compile(definition.schema);
      const validate = validatorOf(definition);
      for (const candidate of [data, ...spoilt(data)]) {
        const [expected] = whole(candidate) ? [] : (whole.errors ?? []);
        const [found] = validate(candidate) ? [] : (validate.errors ?? []);
        if (expected) refusals += 1;
        const words = `${type} ${JSON.stringify(candidate)}`;
        expect(found?.instancePath, words).to.equal(expected?.instancePath);
        expect(found?.message, words).to.equal(expected?.message);
      }
    }
    expect(refusals).to.be.greaterThan(500);
  });

  it('are made once for each type', () => {
    const definition = eventDefinitions.get('PurchaseConfirmed');
    if (!definition) throw new Error('there is no such event');
    expect(validatorOf(definition)).to.equal(validatorOf(definition));
  });
});
