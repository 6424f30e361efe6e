import { validateHeaderName, validateHeaderValue } from 'node:http';
import { expect } from 'chai';
import fc from 'fast-check';
import { faultsOfHeaders, normalised } from '../../../commands/subscription/headers.js';

const pointers = (headers: Record<string, string>) =>
  faultsOfHeaders(headers).map(({ pointer }) => pointer);

describe("a partner's own headers", () => {
  it('may be any that the delivery does not set itself', () => {
    const headers = { Authorization: 'Bearer a.b-c', 'X-Api-Key': 'a"b, c', cookie: 'a=1' };
    expect(pointers(headers)).to.deep.equal([]);
    expect(normalised(headers)).to.have.all.keys('authorization', 'x-api-key', 'cookie');
  });

  it('may not be those of the request, of CloudEvents, of the signature or of a gateway', () => {
    for (const name of [
      ...['Host', 'content-length', 'Content-Type', 'Transfer-Encoding', 'connection', 'upgrade'],
      ...['ce-id', 'Webhook-Signature', 'webhook-request-origin', 'proxy-authorization'],
      ...['X-Forwarded-For', 'sec-fetch-site', 'user-agent'],
    ]) {
      expect(pointers({ [name]: 'x' }), name).to.deep.equal([`/headers/${name}`]);
    }
  });

  it('are few and short, each once', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, 'x']));
    expect(pointers(many)).to.deep.equal(['/headers']);
    const long = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`x-${i}`, 'x'.repeat(1_600)]),
    );
    expect(pointers(long)).to.deep.equal(['/headers']);
    expect(pointers({ 'x-a': 'x', 'X-A': 'x' })).to.deep.equal(['/headers/X-A']);
    expect(pointers({ 'a/b~c': 'x' })).to.deep.equal(['/headers/a~1b~0c']);
  });

  it('are such as can be sent, whatever is tried', () => {
    const of = (characters: string) =>
      fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 5 });
    const text = fc.oneof(of('aZ9-_.'), of('aZ9-_.: "\t\r\n\0\x7fé€/'));
    let accepted = 0;
    fc.assert(
      fc.property(text, text, (name, value) => {
        if (pointers({ [name]: value }).length > 0) return;
        accepted += 1;
        validateHeaderName(name);
        validateHeaderValue(name, value);
        expect(value)
          .to.equal(value.trim())
          .and.match(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).to.be.greaterThan(100);
  });
});
