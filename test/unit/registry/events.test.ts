import { expect } from 'chai';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from '../../../domain/event.js';
import { eventDefinitions, registerEvents } from '../../../domain/registry.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const folder = join(packageRoot, 'test/golden/events');
const files = readdirSync(folder);
// Each schema is used once: what makes checks faster takes longer than they do.
const ajv = addFormats.default(new Ajv({ strict: false, code: { optimize: false } }));

interface Golden {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Record<string, unknown>;
}
const golden = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden;

/** As the codec does it: brought up to the version of today, then checked. */
const readBack = (file: string): unknown => {
  const { type, schemaVersion, data } = golden(file);
  const definition = eventDefinitions.get(type);
  if (!definition) throw new Error(`${type} is in a log somewhere, but no longer defined`);
  let current = data;
  for (let version = schemaVersion; version < definition.schemaVersion; version += 1) {
    if (!definition.upcast) throw new Error(`${type} has no upcast from version ${version}`);
    current = definition.upcast(current, version);
  }
  const validate = ajv.compile(definition.schema);
  if (!validate(current)) throw new Error(ajv.errorsText(validate.errors, { dataVar: type }));
  return current;
};

describe('the registry of events', () => {
  it('refuses two events of one name', () => {
    const twice = [event('GoodsCounted', {})];
    expect(() => registerEvents([twice, twice])).to.throw('Two events are called GoodsCounted');
  });

  it('names events in the past tense, without a separator', () => {
    for (const type of eventDefinitions.keys()) expect(type).to.match(/^([A-Z][a-z]+){2,4}$/);
  });

  it('lets no event carry fields that its schema does not know', () => {
    for (const [type, { schema }] of eventDefinitions) {
      expect(schema['additionalProperties'], type).to.equal(false);
    }
  });

  for (const [type, { schemaVersion }] of eventDefinitions) {
    for (let version = 1; version <= schemaVersion; version += 1) {
      it(`has a golden file of ${type} version ${version}`, () => {
        expect(files, 'add a sample as it was shipped').to.include(`${type}.v${version}.json`);
      });
    }
  }

  for (const file of files) {
    it(`reads back ${file}`, () => {
      const { type, schemaVersion } = golden(file);
      expect(file).to.equal(`${type}.v${schemaVersion}.json`);
      expect(readBack(file)).to.be.an('object');
    });
  }
});
