/** `kopilka store info`: what is in the log, and what room it takes. */
import { type StoreInfo, storeInfo } from '../../embedded/eventstore/tools/storeInfo.js';
import { count, moment } from '../output/numbers.js';
import { table } from '../output/table.js';
import { withStorePlace, type StoreOptions } from './place.js';

export const showStore = (options: StoreOptions): Promise<void> =>
  withStorePlace(options, false, async ({ log, name }) => {
    const info = await storeInfo(log);
    process.stdout.write(options.json ? `${JSON.stringify(info)}\n` : infoText(name, info));
  });

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export const infoText = (name: string, info: StoreInfo): string => {
  const { first, last } = info;
  const rows: [string, string][] = [
    ['log', name],
    ['state', stateOf(info)],
    ['events', count(info.events)],
    ['streams', count(info.streams)],
    ['first', first ? `${count(first.position)}  ${moment(first.created)}` : '-'],
    ['last', last ? `${count(last.position)}  ${moment(last.created)}` : '-'],
    ['removed for good', count(info.removed)],
    ['streams deleted', count(info.deletedStreams)],
    ['streams tombstoned', count(info.tombstonedStreams)],
    ['on disk', mebibytes(info.tableBytes + info.indexBytes)],
    ['  events', mebibytes(info.tableBytes)],
    ['  indexes', mebibytes(info.indexBytes)],
  ];
  return `${table([{ title: '' }, { title: '' }], rows).replace(/^\s*\n/, '')}\n`;
};

const stateOf = ({ importUnfinished, isOpen }: StoreInfo): string => {
  if (importUnfinished) return 'an import was broken off: run it again';
  return isOpen ? 'open' : 'closed';
};
