/** Tables as markdown: read well on a terminal and go into docs/benchmarks.md as they are. */

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const renderTable = ({ title, head, rows }: Table): string => {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (text: string, column: number) =>
    // The first column names things, the others are figures.
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [`### ${title}`, '', line(head), line(rule), ...rows.map(line)].join('\n');
};

/** 12345.6 is 12,346; below 100 one decimal stays. */
export const figure = (value: number): string =>
  value.toLocaleString('en-GB', {
    minimumFractionDigits: Math.abs(value) < 100 ? 1 : 0,
    maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0,
  });

export const whole = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: 0 });

export const ratio = (value: number): string => value.toFixed(2);

export const milliseconds = (value: number): string =>
  value < 10 ? value.toFixed(2) : value.toFixed(1);

export const mebibytes = (bytes: number): string => whole(bytes / 2 ** 20);
