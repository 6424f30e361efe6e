/** The value of a Content-Type field (RFC 2045): its type, and its parameters with their quotes taken off. */

export interface ContentType {
  /** Lower case. */
  readonly type: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Between semicolons, those within quotes apart; each character is looked at once. */
const piecesOf = (value: string): string[] => {
  const pieces: string[] = [];
  let piece = '';
  let isQuoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const sign = value[at] as string;
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === '\\' && isQuoted) piece += value[(at += 1)] ?? '';
    else if (sign === ';' && !isQuoted) {
      pieces.push(piece);
      piece = '';
    } else piece += sign;
  }
  return [...pieces, piece];
};

export const contentTypeOf = (value: string): ContentType => {
  const [type = '', ...rest] = piecesOf(value);
  const parameters = new Map<string, string>();
  for (const piece of rest) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    if (!parameters.has(name)) parameters.set(name, piece.slice(equals + 1).trim());
  }
  return { type: type.trim().toLowerCase() || 'text/plain', parameters };
};
