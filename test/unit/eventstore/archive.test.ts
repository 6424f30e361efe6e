import fc from 'fast-check';
import { expect } from 'chai';
import { ArchiveComposer } from '../../../embedded/eventstore/archive/composer.js';
import {
  eventLine,
  type LoggedEvent,
  readEventLine,
} from '../../../embedded/eventstore/archive/eventLine.js';
import { type ArchiveHeader, ArchiveFault } from '../../../embedded/eventstore/archive/format.js';
import {
  gunzipMember,
  gzipMember,
  memberLength,
} from '../../../embedded/eventstore/archive/gzipMembers.js';
import { ArchiveScanner } from '../../../embedded/eventstore/archive/scanner.js';

const event = (position: number, rest: Partial<LoggedEvent> = {}): LoggedEvent => ({
  position,
  stream: 'account-demo.1',
  revision: position - 1,
  id: '0c5a4a6e-2f7b-4d0e-8a53-9d1f6b2c7e40',
  type: 'Counted',
  createdMs: 1_700_000_000_123,
  isJson: true,
  data: Buffer.from(`{"n":${position}}`),
  metadata: Buffer.alloc(0),
  ...rest,
});

const header = (events: number): ArchiveHeader => ({
  kopilka: 'event log',
  version: 1,
  source: 'kopilka',
  after: null,
  last: { position: events, id: event(1).id },
  events,
  streams: 1,
});

const archive = (events: number): Buffer => {
  const composer = ArchiveComposer.begin(header(events));
  const blocks: Buffer[] = [];
  for (let position = 1; position <= events; position++) {
    composer.add(event(position));
    const block = composer.take();
    if (block) blocks.push(block);
  }
  return Buffer.concat([...blocks, composer.finish()]);
};

const scan = (text: Buffer, step = text.length): ArchiveScanner => {
  const scanner = new ArchiveScanner();
  for (let at = 0; at < text.length; at += step) scanner.push(text.subarray(at, at + step));
  return scanner;
};

describe('a line of an archive', () => {
  it('reads as the event it was made of', () => {
    const line = eventLine(event(7, { metadata: Buffer.from('{"by":"till"}') }));
    expect(line).to.equal(
      '{"position":7,"stream":"account-demo.1","revision":6,"id":"0c5a4a6e-2f7b-4d0e-8a53-9d1f6b2c7e40",' +
        '"type":"Counted","created":"2023-11-14T22:13:20.123Z","contentType":"application/json",' +
        '"data":{"n":7},"metadata":{"by":"till"}}\n',
    );
  });

  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .constantFrom('{"a": 1}', '1e400', '-0', '{"a":1,"a":2}', '"\\u0041"', '\ufeff{}')
      .map(Buffer.from),
  );
  it('gives every byte back, whatever data and metadata are', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), (data, metadata, isJson) => {
        const before = event(1, { data, metadata, isJson });
        expect(readEventLine(eventLine(before))).to.deep.equal(before);
      }),
    );
  });

  it('stays one line', () => {
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1, unit: 'grapheme' }), (data, stream) => {
        expect(eventLine(event(1, { data, stream })).indexOf('\n')).to.equal(
          eventLine(event(1, { data, stream })).length - 1,
        );
      }),
    );
  });

  it('is refused with the field that is at fault', () => {
    const changed = (from: string, to: string) => () =>
      readEventLine(eventLine(event(1)).replace(from, to));
    expect(changed('"position":1', '"position":1.5')).to.throw('"position"');
    expect(changed('"revision":0', '"revision":-1')).to.throw('"revision"');
    expect(changed('account-demo.1', '')).to.throw('"stream" is not a name');
    expect(changed('Counted', 'x'.repeat(1025))).to.throw('"type" is too long');
    expect(changed('0c5a4a6e', '0c5a4a6')).to.throw('"id"');
    expect(changed('2023-11-14', '2023-31-14')).to.throw('"created"');
    expect(changed('application/json', 'text/plain')).to.throw('"contentType"');
  });
});

describe('the text of an archive', () => {
  it('comes apart as it was put together, in pieces of any size', () => {
    const text = archive(2300);
    fc.assert(
      fc.property(fc.integer({ min: 100, max: text.length }), (step) => {
        const scanner = scan(text, step);
        expect(scanner.finish()).to.include({ events: 2300, chunks: 3, lastPosition: 2300 });
      }),
      { numRuns: 20 },
    );
  });

  it('does not pass with any byte changed', () => {
    const text = archive(30);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(text);
        changed[at]! ^= bits;
        expect(() => scan(changed).finish()).to.throw(ArchiveFault);
      }),
      { numRuns: 300 },
    );
  });

  it('does not pass cut off anywhere', () => {
    const text = archive(30);
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(() => scan(text.subarray(0, length)).finish()).to.throw(ArchiveFault);
      }),
    );
  });

  it('can be gone on with after any mark', () => {
    const text = archive(2300);
    const scanner = scan(text.subarray(0, text.length >> 1));
    const composer = ArchiveComposer.resume(scanner.state!);
    for (let position = scanner.state!.lastPosition + 1; position <= 2300; position++) {
      composer.add(event(position));
    }
    const rest = Buffer.concat([composer.take() ?? Buffer.alloc(0), composer.finish()]);
    const whole = Buffer.concat([text.subarray(0, scanner.markedBytes), rest]);
    expect(whole.equals(text)).to.equal(true);
  });
});

describe('a compressed block', () => {
  it('says how long it is, and reads as what it was', async () => {
    const text = Buffer.from('coffee and buns '.repeat(1000));
    const member = await gzipMember(text);
    expect(memberLength(member)).to.equal(member.length);
    expect((await gunzipMember(member)).equals(text)).to.equal(true);
  });

  it('is not taken for one where it is not', () => {
    expect(memberLength(Buffer.alloc(5))).to.equal(undefined);
    expect(memberLength(Buffer.alloc(50))).to.equal(undefined);
  });
});
