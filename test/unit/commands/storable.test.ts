/** Text that no store takes gets into no fact, whoever says it. */
import { expect } from 'chai';
import { isStorable, mayBeUnstorable, storable, unstorableAt } from '../../../domain/storable.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { createCodec } from '../../../platform/eventstore/codec.js';

const half = '\ud800';
const pair = '\u{1f600}';

describe('text that every store takes', () => {
  it('is all but U+0000 and half a surrogate pair, in names too', () => {
    expect(unstorableAt({ a: [pair, 'é', '\ufffd', ''], b: null, c: 7 })).to.equal(null);
    expect(unstorableAt({ a: { 'b/c': ['x', 'y\0'] } })).to.equal('/a/b~1c/1');
    expect(unstorableAt({ a: half })).to.equal('/a');
    expect(unstorableAt({ a: { [`n${half}`]: 1 } })).to.equal('/a');
    expect(unstorableAt('\0')).to.equal('');
  });

  it('is told from other text without being asked where it stands', () => {
    for (const value of [{ a: [pair, 'é', '\ufffd', ''], b: null, c: 7 }, pair, null, 7, true]) {
      expect(isStorable(value), JSON.stringify(value)).to.equal(true);
    }
    const others = ['\0', half, { a: [['x', `y\0`]] }, { a: { [`n${half}`]: 1 } }, [pair + half]];
    for (const value of others) expect(isStorable(value), JSON.stringify(value)).to.equal(false);
  });

  it('is looked for only where a text of JSON can hold anything else', () => {
    for (const value of ['\0', half, pair + half, { [half]: 1 }]) {
      expect(mayBeUnstorable(JSON.stringify(value)), JSON.stringify(value)).to.equal(true);
    }
    for (const text of ['{"a":"é"}', JSON.stringify(pair), '"\\u00e9\\n"', '']) {
      expect(mayBeUnstorable(text), text).to.equal(false);
    }
  });

  it('has a mark in place of what cannot be stored', () => {
    const mended = storable({ [`a\0`]: [`x${half}y`, pair, 1, null, true, { b: '\0' }] });
    expect(mended).to.deep.equal({ 'a\ufffd': ['x\ufffdy', pair, 1, null, true, { b: '\ufffd' }] });
  });

  it('is all that goes into the log', () => {
    const { encode } = createCodec(eventDefinitions);
    const { data } = encode({
      ...{ id: '6f1d3f0c-6c5e-5d0f-9d0a-1c5b8a7e2f43', type: 'TillRevoked' },
      data: { reason: `lost\0${half}` },
      metadata: {
        tenant: 'demo' as never,
        actor: { kind: 'operator', id: 'olga' },
        ...{ correlationId: 'c', causationId: 'c', commandId: 'd', fingerprint: '' },
        ...{ occurredAt: '2026-03-01T00:00:00.000Z', schemaVersion: 1 },
      },
    });
    expect(JSON.parse(Buffer.from(data as never).toString('utf8'))).to.deep.equal({
      reason: 'lost\ufffd\ufffd',
    });
  });
});
