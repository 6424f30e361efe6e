/**
 * How many short messages a text takes, which is what operators count and charge. 3GPP TS 23.038: the alphabet of GSM counts seven bits,
 * signs of its extension table twice; one sign that is in neither turns the whole text into UCS-2 with sixteen bits each, and what lies
 * beyond them (most emoji) counts two. Of several parts each carries a header that takes the place of seven signs, or of three; a sign
 * that takes two places is never torn apart.
 */
const gsm = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const gsmExtension = new Set('\f^{}\\[~]|€');

export interface Segments {
  readonly encoding: 'gsm7' | 'ucs2';
  /** At least 1, also of an empty text. */
  readonly segments: number;
  /** Places taken: septets, or units of sixteen bits. */
  readonly units: number;
  /** Places that are left in the last one. */
  readonly left: number;
  /** Signs that made it UCS-2, at most ten: what to replace to pay less. */
  readonly because: readonly string[];
}

const limits = {
  gsm7: { single: 160, part: 153 },
  ucs2: { single: 70, part: 67 },
} as const;

const becauseMax = 10;
/** Parts of an SMS: beyond these a mistake is likelier than a novel. */
export const segmentsMax = 10;

export const segmentsOf = (text: string): Segments => {
  const signs = [...text];
  const foreign = new Set<string>();
  for (const sign of signs) if (!gsm.has(sign) && !gsmExtension.has(sign)) foreign.add(sign);
  const encoding = foreign.size === 0 ? 'gsm7' : 'ucs2';
  const widthOf =
    encoding === 'gsm7'
      ? (sign: string) => (gsmExtension.has(sign) ? 2 : 1)
      : (sign: string) => sign.length;
  return {
    encoding,
    ...parted(signs.map(widthOf), limits[encoding]),
    because: [...foreign].slice(0, becauseMax),
  };
};

const parted = (
  widths: readonly number[],
  { single, part }: { readonly single: number; readonly part: number },
): Pick<Segments, 'segments' | 'units' | 'left'> => {
  const units = widths.reduce((sum, width) => sum + width, 0);
  if (units <= single) return { segments: 1, units, left: single - units };
  let segments = 1;
  let filled = 0;
  for (const width of widths) {
    if (filled + width > part) {
      segments += 1;
      filled = 0;
    }
    filled += width;
  }
  return { segments, units, left: part - filled };
};
