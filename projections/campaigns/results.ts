/** Questions to the campaign results. Money is minor units, points hundredths; days are the merchant's own, YYYY-MM-DD. */
import { live, numberOf, type Page, type PageRequest, type Reader } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

export interface ResultsQuestion {
  readonly tenant: string;
  /** Null in each case: no matter which. Days are inclusive. */
  readonly campaignId: string | null;
  readonly merchantId: number | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface CampaignFigures {
  readonly receipts: number;
  readonly discount: number;
  readonly points: number;
  readonly uses: number;
  readonly returnedReceipts: number;
  readonly returnedDiscount: number;
  readonly returnedPoints: number;
  readonly returnedUses: number;
}

export interface CampaignDay extends CampaignFigures {
  readonly day: string;
  readonly campaignId: string;
  readonly version: number;
  readonly merchantId: number;
}

const figures = {
  receipts: 'receipts',
  discount: 'discount',
  points: 'points',
  uses: 'uses',
  returnedReceipts: 'returned_receipts',
  returnedDiscount: 'returned_discount',
  returnedPoints: 'returned_points',
  returnedUses: 'returned_uses',
} as const satisfies Record<keyof CampaignFigures, string>;

type Row = Readonly<Record<string, unknown>>;

const figuresOf = (row: Row): CampaignFigures =>
  Object.fromEntries(
    Object.entries(figures).map(([name, column]) => [name, numberOf(row[column])]),
  ) as unknown as CampaignFigures;

const where = `tenant = $1 and ($2::text is null or campaign_id = $2)
  and ($3::integer is null or merchant_id = $3)
  and ($4::date is null or day >= $4) and ($5::date is null or day <= $5)`;
const valuesOf = ({ tenant, campaignId, merchantId, from, to }: ResultsQuestion) => [
  ...[tenant, campaignId, merchantId, from, to],
];

/** Of everything that matches. */
export const campaignTotals = async (
  db: Reader,
  question: ResultsQuestion,
  schema = live,
): Promise<CampaignFigures> => {
  const sums = Object.values(figures).map((name) => `coalesce(sum(${name}), 0) as ${name}`);
  const { rows } = await db.query<Row>(
    `select ${sums.join(', ')} from ${checkedSchema(schema)}.campaign_results where ${where}`,
    valuesOf(question),
  );
  return figuresOf(rows[0] ?? {});
};

/** By campaign, then day, version and merchant. */
export const campaignDays = async (
  db: Reader,
  question: ResultsQuestion & PageRequest,
  schema = live,
): Promise<Page<CampaignDay>> => {
  return readPage(db, question, {
    key: { campaign_id: 'text', day: 'date', version: 'integer', merchant_id: 'integer' },
    values: valuesOf(question),
    sql: (after, limit) =>
      `select to_char(day, 'YYYY-MM-DD') as day, campaign_id, version, merchant_id,
          ${Object.values(figures).join(', ')}
        from ${checkedSchema(schema)}.campaign_results where ${where} and ${after}
        order by campaign_id, day, version, merchant_id limit ${limit}`,
    toView: (row) => ({
      day: String(row['day']),
      campaignId: String(row['campaign_id']),
      version: Number(row['version']),
      merchantId: Number(row['merchant_id']),
      ...figuresOf(row),
    }),
  });
};
