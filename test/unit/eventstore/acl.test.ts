import { expect } from 'chai';
import { parseStreamMetadata } from '../../../embedded/eventstore/log/streamMetadata.js';
import {
  decidedBy,
  isAdmin,
  isAmong,
  isOperator,
  rolesFor,
} from '../../../embedded/eventstore/security/acl.js';

const metadata = (values: object) => parseStreamMetadata(Buffer.from(JSON.stringify(values)));

describe('an access control list', () => {
  it('decides for its stream and for the metadata of it', () => {
    expect(decidedBy('read', 'a-1')).to.deep.equal({ stream: 'a-1', key: 'read' });
    expect(decidedBy('delete', 'a-1')).to.deep.equal({ stream: 'a-1', key: 'delete' });
    expect(decidedBy('read', '$$a-1')).to.deep.equal({ stream: 'a-1', key: 'metadataRead' });
    expect(decidedBy('write', '$$$ce-a')).to.deep.equal({ stream: '$ce-a', key: 'metadataWrite' });
    expect(decidedBy('read', '$all')).to.deep.equal({ stream: '$all', key: 'read' });
  });

  it('cannot open what makes no sense', () => {
    expect(decidedBy('delete', '$$a-1')).to.equal(undefined);
    expect(decidedBy('write', '$all')).to.equal(undefined);
    expect(decidedBy('delete', '$all')).to.equal(undefined);
  });

  it('names one or several', () => {
    const acl = metadata({ $acl: { $r: 'ann', $w: ['ann', 'bob', 7], $d: [] } });
    expect(rolesFor('read', 'a-1', acl)).to.deep.equal(['ann']);
    expect(rolesFor('write', 'a-1', acl)).to.deep.equal(['ann', 'bob']);
    expect(rolesFor('delete', 'a-1', acl)).to.deep.equal([]);
  });

  it('falls back, entry by entry, to everybody or to administrators', () => {
    for (const said of [
      undefined,
      metadata({}),
      metadata({ $acl: null }),
      metadata({ $acl: { $w: 'ann' } }),
    ]) {
      expect(rolesFor('read', 'a-1', said)).to.deep.equal(['$all']);
      expect(rolesFor('read', '$ce-a', said)).to.deep.equal(['$admins']);
    }
  });

  it('may be a named one', () => {
    expect(rolesFor('write', 'a-1', metadata({ $acl: '$systemStreamAcl' }))).to.deep.equal([
      '$admins',
    ]);
    expect(rolesFor('write', '$a', metadata({ $acl: '$userStreamAcl' }))).to.deep.equal(['$all']);
  });

  it('is met by a name, a group or everybody', () => {
    const ann = { name: 'ann', groups: ['analysts'] };
    expect(isAmong(ann, ['bob', 'ann'])).to.equal(true);
    expect(isAmong(ann, ['analysts'])).to.equal(true);
    expect(isAmong(ann, ['$all'])).to.equal(true);
    expect(isAmong(ann, ['bob', '$admins'])).to.equal(false);
    expect(isAmong(ann, [])).to.equal(false);
  });

  it('knows administrators, and operators as far as they go', () => {
    const [admin, operator] = [
      { name: 'a', groups: ['$admins'] },
      { name: 'o', groups: ['$ops'] },
    ];
    expect([isAdmin(admin), isAdmin(operator)]).to.deep.equal([true, false]);
    expect([isOperator(admin), isOperator(operator)]).to.deep.equal([true, true]);
    expect(isOperator({ name: '$ops', groups: [] })).to.equal(false);
  });
});
