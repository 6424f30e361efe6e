import { expect } from 'chai';
import { StorageRoom } from '../../../embedded/eventstore/log/storageRoom.js';
import { silentLogger } from '../../../embedded/eventstore/options.js';

const reserveBytes = 1_000;

/** A room whose free bytes the test sets, looked at every millisecond. */
const open = async (first: number | Error) => {
  let free = first;
  const freeBytes = async () => {
    if (free instanceof Error) throw free;
    return free;
  };
  const room = new StorageRoom({ folder: '/disk', reserveBytes, freeBytes }, silentLogger, 1);
  await room.start();
  const set = async (now: number | Error) => {
    free = now;
    await new Promise((resolve) => setTimeout(resolve, 15));
  };
  return { room, set };
};

describe('the room on the disk of the log', () => {
  it('refuses nothing while more than the reserve is free', async () => {
    const { room } = await open(reserveBytes);
    expect(room.refusal).to.equal(undefined);
    room.stop();
  });

  it('refuses below the reserve, saying where and what to do, and lets write again well above it', async () => {
    const { room, set } = await open(reserveBytes - 1);
    expect(room.refusal).to.match(/the disk is full.*\/disk.*free some room/);
    await set(reserveBytes + 1);
    expect(room.refusal, 'barely above').to.be.a('string');
    await set(reserveBytes * 2);
    expect(room.refusal).to.equal(undefined);
    room.stop();
  });

  it('changes nothing when the free room cannot be read', async () => {
    const { room, set } = await open(0);
    await set(new Error('no such disk'));
    expect(room.refusal).to.be.a('string');
    room.stop();
  });

  it('no longer looks when stopped', async () => {
    const { room, set } = await open(reserveBytes);
    room.stop();
    await set(0);
    expect(room.refusal).to.equal(undefined);
  });
});
