/** The guide to what messages say, sent as it is written. */
import { expect } from 'chai';
import { stepsOf } from '../../exchange/guide.js';
import { openDesk } from './desk.js';

describe('the guide to what messages say', () => {
  it('does as it says', async () => {
    const desk = await openDesk();
    const statuses: number[] = [];
    for (const { method, path, headers, body, answers } of stepsOf('outreach-content.md')) {
      const given = body ? (JSON.parse(body) as object) : undefined;
      const reply = await desk.send(method, path, given, headers);
      expect(reply.body, `${method} ${path}: ${reply.text}`).to.containSubset(answers[0]);
      statuses.push(reply.status);
    }
    await desk.close();
    expect(statuses).to.have.length(11);
    // One is refused, as the guide says: it names what it does not declare.
    expect(statuses.filter((status) => status >= 300)).to.deep.equal([422]);
  });
});
