/** What a calculation takes of the processor: a busy machine makes it wait, not work more. */
export const processorMsOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};
