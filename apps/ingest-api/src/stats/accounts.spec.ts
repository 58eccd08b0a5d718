import type { StoredBucket } from '@orderstream/cassandra';
import { AccountReader, type AccountPlace, type FoundAccount } from './account-reader.js';
import { bucketsOf, saleOf, SALES, statsRowOf, type Sale } from './sales.fixture.js';
import { TableCount } from './table-count.js';

const SALES_OF_TEST = Array.from({ length: 500 }, (_, n) => saleOf(n));

/** Pages of two rows, in the order of the table. */
function readerOn(buckets: readonly StoredBucket[]): AccountReader {
  const findAfterName = async function* (_: string, shard: string, { after = '' }: { after: string | undefined }) {
    const rows = buckets
      .filter(({ key }) => key.shard === shard && key.name > after)
      .sort((a, b) => (a.key.name < b.key.name ? -1 : a.key.name > b.key.name ? 1 : a.partition - b.partition));
    for (let i = 0; i < rows.length; i += 2) yield rows.slice(i, i + 2);
  };
  return new AccountReader({ findAfterName } as never);
}

async function allPages(
  reader: AccountReader,
  limit: number,
  span?: { firstHour: number; endHour: number },
): Promise<FoundAccount[]> {
  const found: FoundAccount[] = [];
  for (let after: AccountPlace | undefined, more = true; more;) {
    const page = await reader.read(SALES, { source: 's', span, after, limit });
    more = page.length > limit;
    found.push(...page.slice(0, limit));
    after = found.at(-1)?.place;
  }
  return found;
}

const centsByAccount = (sales: readonly Sale[]): Map<unknown, number> => {
  const sums = new Map<unknown, number>();
  for (const { account, cents } of sales) sums.set(account, (sums.get(account) ?? 0) + cents);
  return sums;
};
const answered = (found: readonly FoundAccount[]): Map<unknown, number> =>
  new Map(found.map(({ item }) => [item['account_number'], Math.round(Number(item.revenue) * 100)]));

describe('statistics by account', () => {
  it.each([1, 7, 40, 100])('have every account once, in pages of %d', async (limit) => {
    const found = await allPages(readerOn(bucketsOf(SALES_OF_TEST)), limit);
    expect(found).toHaveLength(40);
    expect(answered(found)).toEqual(centsByAccount(SALES_OF_TEST));
    expect(found[0]!.item).toMatchObject({ moreProducts: false });
    expect(found[0]!.item.products!.length).toBeGreaterThan(1);
  });

  it('leave out accounts that have nothing on the days asked for', async () => {
    const firstHour = Date.UTC(2026, 0, 6) / 3_600_000;
    const found = await allPages(readerOn(bucketsOf(SALES_OF_TEST.slice(0, 30))), 3, {
      firstHour,
      endHour: firstHour + 24,
    });
    const within = SALES_OF_TEST.slice(0, 30).filter(({ time }) => time >= firstHour * 3_600_000);
    expect(answered(found)).toEqual(centsByAccount(within));
  });
});

describe('a table with more accounts than fit into memory', () => {
  it('is counted in several passes, each account in one of them, and everything else once', () => {
    const rows = SALES_OF_TEST.map(statsRowOf);
    const gains = new Map<string, unknown>();
    const take = (count: TableCount): void => {
      for (const { partition, gain } of count.gains()) {
        const id = `${partition}/${gain.id}`;
        expect(gains.has(id)).toBe(false);
        gains.set(id, gain.values);
      }
    };
    const limits = { groups: 1_000, accounts: 60 };
    let passes = 1;
    const first = new TableCount(SALES, undefined, true, limits);
    for (let i = 0; i < rows.length; i += 50) first.add(rows.slice(i, i + 50));
    take(first);
    for (let { left } = first; left.length > 0; passes++) {
      const count: TableCount = new TableCount(SALES, left, false, limits);
      for (let i = 0; i < rows.length; i += 50) count.add(rows.slice(i, i + 50));
      take(count);
      left = count.left;
    }
    expect(passes).toBeGreaterThan(2);
    expect(first.records).toBe(500);
    const whole = new Map(
      bucketsOf(SALES_OF_TEST).map(({ partition, key, values }) => [
        `${partition}/${key.shard}/${key.day}/${key.name}`,
        values,
      ]),
    );
    expect(gains).toEqual(whole);
  });

  it('is refused when it has more categories and hours than that', () => {
    const count = new TableCount(SALES, undefined, true, { groups: 10, accounts: 10 });
    expect(() => count.add(SALES_OF_TEST.map(statsRowOf))).toThrow('more than 10 groups');
  });
});
