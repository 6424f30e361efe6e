/**
 * Tables for people: plain columns, numbers to the right, no lines to fight over when a table is pasted into a message.
 */
import Table from 'cli-table3';

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer text is cut with an ellipsis. */
  readonly width?: number;
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** No colours: whoever wants some puts them into the cells, which are measured without them. */
export const table = (
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | number)[])[],
): string => {
  const grid = new Table({
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: columns.map(({ width }) => width ?? null),
  });
  for (const row of rows) grid.push(row.map(String));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};
