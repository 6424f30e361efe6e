import { expect } from 'chai';
import {
  ConfiguredUsers,
  parseUsers,
  userLine,
} from '../../../embedded/eventstore/security/users.js';
import { rejectionOf } from '../../conformance/eventstore/node.js';
import { quickHash } from '../../conformance/eventstore/security/securedNode.js';

describe('users of the event store', () => {
  const hash = quickHash('secret');

  it('are read from lines, with comments and groups', () => {
    expect(parseUsers(`# who may\n\nadmin:${hash}:$admins,$ops\r\nbob:${hash}\n`)).to.deep.equal([
      { name: 'admin', passwordHash: hash, groups: ['$admins', '$ops'] },
      { name: 'bob', passwordHash: hash, groups: [] },
    ]);
    expect(parseUsers('')).to.deep.equal([]);
  });

  it('are refused with the number of the line that is wrong', () => {
    const faults: [string, RegExp][] = [
      [`bob:${hash}\nann:secret`, /line 2 .*not one of scrypt/],
      [`:${hash}`, /line 1 .*expected name/],
      [`bob:${hash}:a:b`, /line 1 .*expected name/],
      [`bob:${hash}\n\nbob:${hash}`, /line 3 .*bob is there twice/],
    ];
    for (const [text, message] of faults) expect(() => parseUsers(text), text).to.throw(message);
  });

  it('never show a hash in the error', () => {
    expect(() => parseUsers('bob:scrypt$broken'))
      .to.throw()
      .with.property('message')
      .not.match(/broken/);
  });

  it('are known by name and password together', async () => {
    const users = new ConfiguredUsers(parseUsers(`bob:${hash}:analysts`));
    const bob = { name: 'bob', groups: ['analysts'] };
    expect(await users.verify('bob', 'secret')).to.deep.equal(bob);
    expect(await users.verify('bob', 'Secret')).to.equal(undefined);
    expect(await users.verify('bo', 'b:secret')).to.equal(undefined);
    expect(await users.verify('ann', 'secret')).to.equal(undefined);
    expect(await users.verify('bob', 'secret')).to.deep.equal(bob);
  });

  it('are known by the line that is written for them', async () => {
    const line = await userLine('ann', 'pass:word', ['$ops', 'analysts']);
    const users = new ConfiguredUsers(parseUsers(`${line}\n${await userLine('bob', 'ä', [])}`));
    const groups = ['$ops', 'analysts'];
    expect(await users.verify('ann', 'pass:word')).to.deep.equal({ name: 'ann', groups });
    expect(await users.verify('bob', 'ä')).to.deep.equal({ name: 'bob', groups: [] });
    for (const name of ['', 'a b', 'a:b', '#a', 'a,b']) {
      const error = await rejectionOf(userLine(name, 'x', []));
      expect(error.message).to.match(/will not do/);
    }
  });

  it('are checked once for many calls at a time', async () => {
    const users = new ConfiguredUsers(parseUsers(`bob:${hash}`));
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => users.verify('bob', 'secret')),
    );
    expect(answers.every((answer) => answer?.name === 'bob')).to.equal(true);
  });

  it('are not checked at all when too many guess at once', async () => {
    const users = new ConfiguredUsers(parseUsers(`bob:${hash}`));
    const answers = await Promise.allSettled(
      Array.from({ length: 150 }, (_, n) => users.verify('bob', `guess ${n}`)),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).to.have.length(48); // two are worked on and a hundred wait
    expect(await users.verify('bob', 'secret')).to.deep.equal({ name: 'bob', groups: [] });
  });
});
