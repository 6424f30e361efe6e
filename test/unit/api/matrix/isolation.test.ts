/**
 * Every route of the product, as whoever it lets in, with ids of another programme or of another partner: the answer is the one that
 * an id gets which was never given to anything. So nothing is shown, nothing is changed, and not even that it exists is told.
 *
 * Requests are made out of the routes' own definitions and callers out of docs/reference/access.md, so that a route which is added
 * is tried as well. Where a request makes something, an id is new to its own programme whoever else has it: there it is only
 * looked at what is said and where it is written.
 */
import { expect } from 'chai';
import { gsrn } from '../../../../domain/gsrn.js';
import type { TenantId } from '../../../../domain/ids.js';
import { partnerRoles } from '../../../../domain/partner/role.js';
import type { Route } from '../../../../api/route.js';
import { allRoutes } from '../allRoutes.js';
import { type Promised, readAccess } from './documented.js';
import { type Ids, namesAny, requestOf } from './sample.js';
import {
  type Answer,
  type Headers,
  openNeighbour,
  openProgramme,
  openWorld,
  type Partner,
  type Programme,
  type World,
} from './world.js';
import { quickPasswords } from '../../commands/quickPasswords.js';

const home = 'demo' as TenantId;
const strange = 'strange' as TenantId;

/** Of nothing at all, and different each time, so that what is made under them is not found by the next. */
const nowhere = (n: number): Ids => ({
  ...{ merchantId: 300_000 + n, pointOfSaleId: 600_000 + n, tillId: `nonetill${n}` },
  ...{ token: `nonetill${n}`, appId: `noneapp${n}`, productId: `none-product${n}` },
  ...{ userId: gsrn('8018033331', BigInt(n + 1)), purchaseId: `none_purchase${n}` },
  ...{ operatorId: `none_owner${n}`, campaignId: `none_campaign${n}`, seriesId: `none_series${n}` },
  ...{ series: `none_series${n}`, segmentId: `noneSegment${n}`, drawId: `none_draw${n}` },
  ...{ name: `none_game${n}`, cardId: `3333X${n}`, cardNumber: `3333X${n}` },
  ...{
    stream: `till-nowhere.nonetill${n}`,
    tenantId: `nowhere${n}`,
    email: `n${n}@person.example`,
  },
  ...ofNoPartner(n),
});
const ofNoPartner = (n: number): Ids => ({
  ...{ partnerId: `none_partner${n}`, owner: `none_partner${n}`, topicId: `none_topic${n}` },
  ...{ credentialId: `pcnone${n}`, partnerUserId: `pu${String(n).padStart(20, '0')}` },
  subscriptionId: `sub_none${n}`,
  messageId: String(n).padStart(32, '0'),
  providerId: `none_provider${n}`,
  ...{
    templateId: `none_template${n}`,
    strategyId: `none_strategy${n}`,
    policyId: `none_policy${n}`,
  },
});

/** They name nothing and would close the programme; or they would go on for ever. */
const leftOut = new Set(['POST /admin/v1/tenant/revocation']);

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** By the page, not by the code. */
const admits = (promised: Promised | undefined, caller: string): boolean => {
  if (!promised) return false;
  const { till, app, operator, partner } = promised;
  const [kind = '', role = ''] = caller.split(': ');
  if (kind === 'till' || kind === 'app for a till') return till;
  if (kind === 'app') return app;
  if (role !== '') return partner.includes(role);
  return operator.includes(kind === 'manager of one merchant' ? 'manager' : kind);
};

/** Without what differs for its own sake: the ids that were named, and what is new in every answer. */
const essence = ({ status, text }: Answer, ids: Ids): string => {
  const plain = Object.entries(ids)
    .sort(([, a], [, b]) => String(b).length - String(a).length)
    .reduce((rest, [name, id]) => rest.replaceAll(String(id), `<${name}>`), text);
  return `${status} ${plain
    .replace(/"(correlationId|position)":"?[^",}]*"?/g, '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|\b1[78]\d{11}\b/g, '<time>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')}`;
};

describe('what belongs to others', function () {
  quickPasswords();
  this.timeout(120_000);
  const page = readAccess();
  const routes = allRoutes().filter((route) => !leftOut.has(nameOf(route)) && !route.live);
  let world: World;
  let here: Programme;
  let there: Programme;
  let neighbour: Partner;
  let given = 0;

  before(async () => {
    world = await openWorld();
    here = await openProgramme(world, home, 'own', 1_111);
    there = await openProgramme(world, strange, 'canary', 7_777);
    neighbour = await openNeighbour(world, here, 'canary_neighbour');
  });
  after(() => world?.close());

  interface Try {
    readonly caller: string;
    readonly headers: Headers;
    readonly route: Route;
  }
  const ask = ({ route, headers }: Try, ids: Ids): Promise<Answer> => {
    const { path, body, contentType } = requestOf(route, ids);
    return world.send(route.method, path, headers, body, contentType);
  };
  const triesOf = (callers: ReadonlyMap<string, Headers>, foreign: Ids): Try[] =>
    [...callers].flatMap(([caller, headers]) =>
      routes
        .filter((route) => admits(page.get(nameOf(route)), caller) && namesAny(route, foreign))
        .map((route) => ({ caller, headers, route })),
    );
  /** Faults of every kind, and how much was tried. */
  const compare = async (
    callers: ReadonlyMap<string, Headers>,
    foreign: Ids,
    none: (n: number) => Ids,
  ): Promise<{ faults: string[]; requests: number }> => {
    const tries = triesOf(callers, foreign);
    const faults: string[] = [];
    const asUnknown = async (each: Try) => {
      const ids = none((given += 1));
      const answer = await ask(each, ids);
      return { each, expected: essence(answer, ids), isDone: answer.status < 300 };
    };
    const asForeign = async ({ each, expected }: { each: Try; expected: string | null }) => {
      const got = essence(await ask(each, foreign), foreign);
      const where = `${each.caller}: ${nameOf(each.route)}`;
      if (expected !== null && got !== expected)
        faults.push(`${where}\n  ${got}\n  not ${expected}`);
      if (/canary/.test(got)) faults.push(`${where} tells ${got}`);
      if (got.startsWith('500')) faults.push(`${where} fails: ${got}`);
    };
    const isRead = ({ route }: Try): boolean => route.method === 'GET';
    // First all that changes nothing; last what makes something, and finds it there the second time.
    const read = await Promise.all(tries.filter(isRead).map(asUnknown));
    await Promise.all(read.map(asForeign));
    const changed = await Promise.all(tries.filter((each) => !isRead(each)).map(asUnknown));
    const making = new Set(changed.filter(({ isDone }) => isDone).map(({ each }) => each.route));
    await Promise.all(changed.filter(({ each }) => !making.has(each.route)).map(asForeign));
    const made = changed.filter(({ each }) => making.has(each.route));
    await Promise.all(made.map(({ each }) => asForeign({ each, expected: null })));
    return { faults, requests: 2 * tries.length };
  };

  it('stands there, or nothing would be tried', async () => {
    const own = [...triesOf(there.callers, there.ids)].filter(
      ({ route }) => route.method === 'GET',
    );
    const found = new Set<string>();
    await Promise.all(
      own.map(async (each) => {
        const { status, text } = await ask(each, there.ids);
        if (status === 200 && text.includes('canary')) found.add(nameOf(each.route));
      }),
    );
    expect(found.size, [...found].join(', ')).to.be.greaterThan(20);
  });

  it('is shown to the people of a partner as to its programs', async () => {
    const looks = routes.filter(
      ({ method, path }) =>
        method === 'GET' && path.startsWith('/exchange/') && path !== '/exchange/v1/me',
    );
    const differing: string[] = [];
    for (const role of partnerRoles) {
      const asked = async (kind: string) => {
        const caller = `${kind}: ${role}`;
        const headers = there.callers.get(caller) ?? {};
        const answers = looks.map((route) => ask({ caller, headers, route }, there.ids));
        return (await Promise.all(answers)).map((answer) => essence(answer, there.ids));
      };
      const [byUser, byProgram, byJwt] = [
        await asked('user'),
        await asked('program'),
        await asked('program with a JWT'),
      ];
      looks.forEach((route, i) => {
        if (byUser[i] === byProgram[i] && byJwt[i] === byProgram[i]) return;
        differing.push(
          `${role}: ${nameOf(route)}\n  ${byUser[i]}\n  ${byProgram[i]}\n  ${byJwt[i]}`,
        );
      });
    }
    expect(differing.join('\n')).to.equal('');
    expect(looks.length).to.be.greaterThan(12);
  });

  it('of another programme is as if it were not there', async () => {
    const from = world.log.facts.length;
    const questions = world.asked.length;
    const { faults, requests } = await compare(here.callers, there.ids, nowhere);
    expect(faults.join('\n')).to.equal('');
    expect(requests).to.be.greaterThan(1_000);
    const elsewhere = world.log.facts
      .slice(from)
      .filter(({ metadata, stream }) => metadata.tenant !== home || !stream.includes('-demo.'));
    expect(elsewhere.map(({ stream, type }) => `${type} in ${stream}`)).to.deep.equal([]);
    // Nor are the read models asked for what is another programme's.
    const asked = world.asked.slice(questions);
    expect(asked.length).to.be.greaterThan(100);
    const others = asked.filter(({ values }) => !values.includes(home) || values.includes(strange));
    expect(others.map(({ text }) => text)).to.deep.equal([]);
  });

  it('of another partner is as if it were not there', async () => {
    const from = world.log.facts.length;
    const callers = new Map([...here.callers].filter(([name]) => name.includes(': ')));
    const { faults, requests } = await compare(callers, neighbour.ids, ofNoPartner);
    expect(faults.join('\n')).to.equal('');
    expect(requests).to.be.greaterThan(200);
    const theirs = Object.values(neighbour.ids).map((id) => `.${id}`);
    const written = world.log.facts
      .slice(from)
      .filter(({ stream }) => theirs.some((end) => stream.endsWith(end)));
    expect(written.map(({ stream, type }) => `${type} in ${stream}`)).to.deep.equal([]);
  });
});
