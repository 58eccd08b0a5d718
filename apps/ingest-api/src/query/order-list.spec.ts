import type { AnswerPage, FoundRecord, Question, RecordQuestions } from '@orderstream/cassandra';
import { compileStream, OLIST_ORDERS, ORDERS, type StreamDefinition } from '@orderstream/streams';
import { OrderList, type OrderPage } from './order-list.js';

const found = (record: FoundRecord['record']): FoundRecord => ({
  record,
  writeTimeMicros: 0n,
  lineage: { partition: 0, offset: '0' },
});
const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();

/** A table that answers every question with the same rows, in pages; it is asked nothing that it cannot answer. */
function sourceOf(definition: StreamDefinition, records: FoundRecord['record'][]) {
  const questions = {
    plan: ({ filters }: Question) => ({ query: filters.map(({ column }) => column).join(), params: [] }),
    page: async (_: unknown, limit: number, from = '0'): Promise<AnswerPage> => {
      const begin = Number(from);
      const page = records.slice(begin, begin + limit).map(found);
      const next = begin + page.length;
      return next < records.length ? { records: page, pageState: String(next) } : { records: page };
    },
  };
  return { stream: compileStream(definition), questions: questions as unknown as RecordQuestions };
}

const orders = (count: number, step = 2) =>
  Array.from({ length: count }, (_, n) => ({ order_id: `o${n}`, timestamp: at(n * step) }));
const olist = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    customer_id: `c${n}`,
    order_id: `q${n}`,
    order_purchase_timestamp: at(n * 2 + 1),
  }));

async function all(list: OrderList, limit: number): Promise<{ ids: unknown[]; pages: OrderPage[] }> {
  const pages: OrderPage[] = [];
  let cursor: string | null = null;
  do {
    const page: OrderPage = await list.page({ limit, ...(cursor !== null && { cursor }) });
    pages.push(page);
    cursor = page.next;
  } while (cursor !== null);
  return { ids: pages.flatMap(({ items }) => items.map(({ record }) => record['order_id'])), pages };
}

describe('orders of several streams', () => {
  it('are merged, newest first, over any pages', async () => {
    const list = new OrderList([sourceOf(ORDERS, orders(4)), sourceOf(OLIST_ORDERS, olist(3))]);
    for (const limit of [1, 2, 3, 50]) {
      const { ids, pages } = await all(list, limit);
      expect(ids).toEqual(['o3', 'q2', 'o2', 'q1', 'o1', 'q0', 'o0']);
      expect(pages.every(({ order }) => order === 'newest-first')).toBe(true);
    }
  });

  it('of one moment are told apart by stream and key, and none is given twice', async () => {
    const list = new OrderList([sourceOf(ORDERS, orders(25, 0))]);
    const { ids } = await all(list, 4);
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
  });

  it('that are too many come one stream after the other, each once', async () => {
    const list = new OrderList([sourceOf(ORDERS, orders(700)), sourceOf(OLIST_ORDERS, olist(700))]);
    for (const limit of [350, 300, 1000]) {
      const { ids, pages } = await all(list, limit);
      expect(ids).toEqual([...orders(700), ...olist(700)].map((record) => record.order_id));
      expect(pages.every(({ order }) => order === 'none')).toBe(true);
    }
  });

  it('that grew beyond what is sorted while somebody pages end that paging with a reason', async () => {
    const few = new OrderList([sourceOf(ORDERS, orders(900))]);
    const { next } = await few.page({ limit: 10 });
    const more = new OrderList([sourceOf(ORDERS, orders(1_500))]);
    expect((await more.page({ limit: 10, cursor: next! })).items).toHaveLength(10);
    const many = new OrderList([sourceOf(ORDERS, orders(2_500))]);
    await expect(many.page({ limit: 10, cursor: next! })).rejects.toMatchObject({ code: 'bad_parameter' });
  });

  it('are of those streams that can answer, and of none is a problem', async () => {
    const users = { ...ORDERS, name: 'orders-2', table: 'orders_2', topic: 'orders-2' };
    const list = new OrderList([sourceOf(users, orders(1)), sourceOf(OLIST_ORDERS, olist(1))]);
    expect(await list.page({ limit: 5, status: 'delivered' })).toMatchObject({
      answeredBy: ['olist-orders'],
      leftOut: [{ stream: 'orders-2', reason: 'its orders have no status' }],
    });
    await expect(new OrderList([sourceOf(ORDERS, [])]).page({ limit: 5, status: 'x' })).rejects.toMatchObject({
      code: 'unanswerable_filter',
      status: 400,
    });
  });
});
