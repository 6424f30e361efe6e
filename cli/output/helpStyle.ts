/**
 * How every command's help is laid out: what is its own first, what all commands of a running server share last, what has to be given marked,
 * and no default where leaving a flag out says it already.
 */
import { Help, type HelpConfiguration } from 'commander';

/** Heading of the options that name server and login. */
export const connectionGroup = 'Connection:';

const usual = new Help();

export const helpStyle: HelpConfiguration = {
  sortSubcommands: false,
  optionDescription: (option) => {
    const isPlain = option.defaultValue === false || option.defaultValue === '';
    const description = isPlain ? option.description : usual.optionDescription(option);
    return option.mandatory ? `${description} (required)` : description;
  },
  groupItems: (all, visible, groupOf) => {
    const groups = usual.groupItems(all, visible, groupOf);
    const shared = groups.get(connectionGroup);
    if (shared) {
      groups.delete(connectionGroup);
      groups.set(connectionGroup, shared);
    }
    return groups;
  },
};
