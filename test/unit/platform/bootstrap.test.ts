/** The demonstration programme: who is in it, and what becomes of it when a data directory is started again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createChangePerson } from '../../../commands/customer/changePerson.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { account, accountStream } from '../../../domain/account/account.js';
import { bootstrap, demoCustomer } from '../../../platform/compose/bootstrap.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';

describe('the demonstration', () => {
  let house: House;
  let dataDir: string;
  let personalData: ReturnType<typeof createPersonalData>;
  let enrol: ReturnType<typeof createEnrolCustomer>;
  beforeEach(() => {
    house = openHouse();
    dataDir = mkdtempSync(join(tmpdir(), 'kopilka-demonstration-'));
    personalData = createPersonalData(house.keys);
    enrol = createEnrolCustomer(house.handler, personalData);
  });
  afterEach(async () => {
    await house.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = (customer?: Partial<typeof demoCustomer>) =>
    bootstrap(house.handler, dataDir, startOfTime, async (context, input) => {
      await enrol(customer ? { userId: input.userId, ...customer } : input, context);
    });
  const loseCredentials = () => rmSync(join(dataDir, 'credentials.json'));
  const { userId } = demoCustomer;
  const known = async () => {
    const { phoneHash } = await house.handler.state(accountStream(demo, userId), account);
    return phoneHash;
  };
  const reserved = () => house.types().filter((type) => type.startsWith('Contact')).length;

  it("has a customer with a phone that is nobody's, so that messages can be tried", async () => {
    expect((await start()).userId).to.equal(userId);
    // Ofcom gives out none of 020 7946 0000 to 0999: they are for stories.
    expect(demoCustomer.phone).to.match(/^\+442079460\d{3}$/);
    expect(await known()).to.equal(await personalData.hash(demo, 'phone', demoCustomer.phone));
  });

  it('is made once', async () => {
    const first = await start();
    const facts = house.log.facts.length;
    expect(await start()).to.deep.equal(first);
    expect(house.log.facts.length).to.equal(facts);
  });

  it('leaves the customer as they are where the credentials were lost', async () => {
    await start({ name: 'Ada Lovelace' });
    loseCredentials();
    await start();
    expect([await known(), reserved()]).to.deep.equal([null, 0]);
    const change = createChangePerson(house.handler, personalData);
    await change({ userId, name: 'Ada King', phone: '+442079460100' }, house.context());
    const newPhone = await known();
    // Somebody else has the phone of the demonstration by now.
    await enrol({ phone: demoCustomer.phone }, house.context());
    loseCredentials();
    const { tillToken } = await start();
    expect(tillToken).to.be.a('string');
    expect(await known())
      .to.equal(newPhone)
      .and.not.equal(null);
  });
});
