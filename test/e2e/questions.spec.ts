/** What can be asked about the records of a stream, over HTTP, on the real stack. */
import { readFile } from 'node:fs/promises';
import { jest } from '@jest/globals';
import type { Problem } from '@orderstream/contracts';
import { ApiClient, EventStream, eventually, KafkaTopics, numberedOrder, Sandbox } from '@orderstream/testing';

jest.setTimeout(60_000);

const sample = new URL('../../samples/olist-orders.csv', import.meta.url);
const ROWS = 1000;

type Item = Record<string, unknown>;
interface List {
  items: Item[];
  next: string | null;
}
interface OrderListAnswer extends List {
  items: { stream: string; record: Item }[];
  answeredBy: string[];
  leftOut: { stream: string; reason: string }[];
  order: string;
}

let world: Sandbox;
let api: ApiClient;
/** cells of the sample: order_id, customer_id, order_status, order_purchase_timestamp, … */
let lines: string[][];

beforeAll(async () => {
  world = await (await Sandbox.forTests({ MAX_TAILS: '2' })).start();
  api = new ApiClient(world.api.url);
  const csv = await readFile(sample);
  lines = csv
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  await api.upload(csv, '?wait=stored');
  const orders = Array.from({ length: 60 }, (_, n) => JSON.stringify(numberedOrder(n)));
  await api.upload(orders.join('\n'), '?stream=orders&wait=stored', 'application/x-ndjson');
  const users = [
    { id: 'plain', first_name: 'Ada' },
    { id: 'a,b/c %41?é', first_name: 'Odd' },
    { id: 'x'.repeat(300), first_name: 'Long' },
    { id: 'formula', first_name: '=1+1', last_name: "'quoted", address: '-5', username: '"; DROP\r\nTABLE' },
  ];
  await api.upload(
    users.map((user) => JSON.stringify(user)).join('\n'),
    '?stream=users&wait=stored',
    'application/x-ndjson',
  );
}, 180_000);
afterAll(() => world?.close());

const list = async (path: string): Promise<List> => {
  const { status, body } = await api.get<List>(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
};
const refused = async (path: string): Promise<Problem> => {
  const { status, headers, body } = await api.get<Problem>(path);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body.status).toBe(status);
  return body;
};
const everything = async (path: string): Promise<Item[]> => {
  const items: Item[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: List = await list(`${path}${next === '' ? '' : `&cursor=${next}`}`);
    items.push(...page.items);
    next = page.next;
  }
  return items;
};
const exported = async (path: string, accept: string): Promise<Response> =>
  fetch(api.url + path, { headers: { accept } });
const ids = (items: readonly Item[]): unknown[] => items.map(({ order_id: id }) => id).sort();
const time = (cell: string): number => Date.parse(`${cell.replace(' ', 'T')}Z`);

describe('the streams', () => {
  it('are listed with their definitions, and what each table can be asked', async () => {
    const { items, next } = await list('/streams');
    expect(next).toBeNull();
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['orders', 'olist-orders', 'users']));
    const { body } = await api.get<Item>('/streams/olist-orders');
    expect(items).toContainEqual(body);
    expect(body).toMatchObject({
      name: 'olist-orders',
      topic: world.topic('olist-orders'),
      table: 'olist_orders',
      answers: {
        key: ['customer_id', 'order_id', 'order_purchase_timestamp'],
        eventTime: 'order_purchase_timestamp',
        sort: [
          { column: 'order_id', with: ['customer_id='] },
          { column: 'order_purchase_timestamp', with: ['customer_id=', 'order_id='] },
        ],
      },
    });
    const { filters } = body['answers'] as { filters: Item[] };
    expect(filters).toContainEqual({ column: 'order_status', type: 'text', parameters: ['order_status='], with: [] });
    expect(await refused('/streams/nope')).toMatchObject({ code: 'stream_not_found', status: 404 });
  });
});

describe('a record by its key', () => {
  it('is answered with its stream, whatever stands in the key', async () => {
    const [order, customer, status, at] = lines[0]!;
    const composite = `${customer},${order},${encodeURIComponent(new Date(time(at!)).toISOString())}`;
    const { body } = await api.get<Item>(`/streams/olist-orders/records/${composite}`);
    expect(body).toMatchObject({ stream: 'olist-orders', record: { order_id: order, order_status: status } });
    for (const id of ['plain', 'a,b/c %41?é', 'x'.repeat(300)]) {
      const answer = await api.get<Item>(`/streams/users/records/${encodeURIComponent(id)}`);
      expect(answer.body).toMatchObject({ stream: 'users', record: { id } });
    }
    const unescaped = await api.get<Item>('/streams/users/records/a,b%2Fc%20%2541%3F%C3%A9');
    expect(unescaped.body).toMatchObject({ record: { first_name: 'Odd' } });
  });

  it('says where it came from when it is asked', async () => {
    const { body } = await api.get<Item>('/streams/orders/records/row-7?lineage=true');
    expect(body).toMatchObject({ record: { order_id: 'row-7' }, lineage: { topic: world.topic('orders'), line: 8 } });
  });

  it('that is not there, or cannot be, is a problem', async () => {
    expect(await refused('/streams/orders/records/none')).toMatchObject({ code: 'record_not_found', status: 404 });
    expect(await refused('/streams/nope/records/1')).toMatchObject({ code: 'stream_not_found', status: 404 });
    expect(await refused('/streams/olist-orders/records/a,b,no-time')).toMatchObject({ code: 'record_not_found' });
    const half = await refused('/streams/olist-orders/records/a,b');
    expect(half).toMatchObject({ code: 'bad_parameter', status: 400 });
    expect(half.detail).toContain('customer_id,order_id,order_purchase_timestamp');
    expect(await refused('/streams/orders/records/row-1?lineage=maybe')).toMatchObject({ code: 'bad_parameter' });
  });
});

describe('records by filters', () => {
  const path = '/streams/olist-orders/records';

  it('are those of a partition, of an index, of a range of time, and of all together', async () => {
    const [order, customer, status, at] = lines[3]!;
    expect(ids((await list(`${path}?customer_id=${customer}`)).items)).toEqual([order]);
    expect(ids((await list(`${path}?order_id=${order}`)).items)).toEqual([order]);
    expect(ids((await list(`${path}?customer_id=${customer}&order_id.gte=0&order_id.lt=g`)).items)).toEqual([order]);
    expect(ids((await list(`${path}?customer_id=${customer}&order_status=${status}&order_id=${order}`)).items)).toEqual(
      [order],
    );

    const canceled = lines.filter(([, , each]) => each === 'canceled');
    expect(canceled.length).toBeGreaterThan(0);
    expect(ids(await everything(`${path}?order_status=canceled&limit=3`))).toEqual(canceled.map(([id]) => id).sort());

    const [from, to] = [time(at!), time(at!) + 20 * 86_400_000];
    const within = lines.filter(([, , , each]) => time(each!) >= from && time(each!) < to);
    const window = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
    expect(ids(await everything(`${path}?${window}&limit=10`))).toEqual(within.map(([id]) => id).sort());
    expect(
      ids(await everything(`${path}?order_purchase_timestamp.gte=${from}&order_purchase_timestamp.lt=${to}&limit=500`)),
    ).toEqual(within.map(([id]) => id).sort());
    const both = within
      .filter(([, , each]) => each === 'delivered')
      .map(([id]) => id)
      .sort();
    expect(ids(await everything(`${path}?${window}&order_status=delivered&limit=10`))).toEqual(both);
    expect((await list(`${path}?order_status=never`)).items).toEqual([]);
  });

  it('come in the order of the table where the key gives it', async () => {
    const [order, customer] = lines[5]!;
    for (const sort of ['order_id', '-order_id']) {
      expect(ids((await list(`${path}?customer_id=${customer}&sort=${sort}`)).items)).toEqual([order]);
    }
    expect(await refused(`${path}?sort=order_id`)).toMatchObject({ code: 'unanswerable_sort', status: 400 });
    const byStatus = await refused(`${path}?customer_id=${customer}&sort=order_status`);
    expect(byStatus).toMatchObject({ code: 'unanswerable_sort' });
    expect(byStatus.detail).toContain('order_id with customer_id=');
    const indexed = `customer_id=${customer}&order_status=delivered`;
    expect(await refused(`${path}?${indexed}&sort=order_id`)).toMatchObject({ code: 'unanswerable_sort' });
  });

  it('that the table cannot answer are refused with those that it can, and never filtered from a whole table', async () => {
    for (const query of [
      'order_hour=4',
      'order_approved_at.gte=2017-01-01',
      'order_status.gt=a',
      'customer_id.gt=a',
      'order_status=delivered&order_hour=4',
      'order_id=x&order_day_of_week=Monday',
      'nope=1',
      'order_status.like=a',
    ]) {
      const problem = await refused(`${path}?${query}`);
      expect([query, problem.code, problem.status]).toEqual([query, 'unanswerable_filter', 400]);
      const [first] = problem.errors!;
      expect((first!['answerable'] as Item[]).map(({ column }) => column)).toEqual(
        expect.arrayContaining(['customer_id', 'order_id', 'order_status', 'order_purchase_timestamp']),
      );
    }
    expect(await refused('/streams/users/records?from=2026-01-01')).toMatchObject({ code: 'unanswerable_filter' });
    expect(await refused('/streams/nope/records')).toMatchObject({ code: 'stream_not_found' });
  });

  it('whose values cannot be read, or contradict each other, are refused by name', async () => {
    for (const [query, parameter] of [
      ['from=yesterday', 'from'],
      ['order_purchase_timestamp.gte=x', 'order_purchase_timestamp.gte'],
      ['order_id=', 'order_id'],
      ['order_id=a&order_id=b', 'order_id'],
      ['order_id=a&order_id.eq=b', 'order_id'],
      ['from=2017-01-01&order_purchase_timestamp.gt=2017-01-01', 'order_purchase_timestamp'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['sort=a b', 'sort'],
      ['cursor=abc', 'cursor'],
    ]) {
      const problem = await refused(`${path}?${query}`);
      expect([query, problem.code, problem.errors![0]!['parameter']]).toEqual([query, 'bad_parameter', parameter]);
    }
  });
});

describe('pages', () => {
  it('have every row once, whatever their size', async () => {
    for (const limit of [41, 1000]) {
      const items = await everything(`/streams/olist-orders/records?limit=${limit}`);
      expect(ids(items)).toEqual(lines.map(([id]) => id).sort());
    }
    expect((await list('/streams/olist-orders/records')).items).toHaveLength(50);
  });

  it('go on only with the question they belong to', async () => {
    const { next } = await list('/streams/olist-orders/records?order_status=delivered&limit=2');
    expect(
      (await list(`/streams/olist-orders/records?order_status=delivered&limit=5&cursor=${next}`)).items,
    ).toHaveLength(5);
    const bent = `${next!.slice(0, -4)}AAAA`;
    for (const query of [
      `order_status=shipped&cursor=${next}`,
      `cursor=${next}`,
      `order_status=delivered&cursor=${bent}`,
      `order_status=delivered&cursor=${next!.slice(0, -8)}`,
    ]) {
      const problem = await refused(`/streams/olist-orders/records?${query}`);
      expect([query, problem.code, problem.status]).toEqual([query, 'bad_parameter', 400]);
    }
    expect(await refused(`/streams/orders/records?cursor=${next}`)).toMatchObject({ code: 'bad_parameter' });
  });
});

describe('an export', () => {
  it('has every row as CSV, columns in the order of the definition', async () => {
    const answer = await exported('/streams/olist-orders/records', 'text/csv');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toContain('olist-orders.csv');
    const [header, ...rows] = (await answer.text()).trimEnd().split('\r\n');
    expect(header).toBe(
      'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,' +
        'order_delivered_customer_date,order_estimated_delivery_date,order_hour,order_day_of_week',
    );
    expect(rows).toHaveLength(ROWS);
    expect(rows.map((row) => row.split(',')[0]).sort()).toEqual(lines.map(([id]) => id).sort());
  });

  it('has the rows of a filter as NDJSON, and no row of others', async () => {
    const answer = await exported('/streams/olist-orders/records?order_status=shipped', 'application/x-ndjson');
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    const records = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Item);
    expect(ids(records)).toEqual(
      lines
        .filter(([, , status]) => status === 'shipped')
        .map(([id]) => id)
        .sort(),
    );
    expect(
      await (await exported('/streams/olist-orders/records?order_status=never', 'application/x-ndjson')).text(),
    ).toBe('');
  });

  it('is safe for spreadsheets in text cells, and leaves numbers and times as they are', async () => {
    const users = await (await exported('/streams/users/records?id=formula', 'text/csv')).text();
    expect(users).toContain(`formula,'=1+1,''quoted,,'-5,,,"""; DROP\r\nTABLE",,,,\r\n`);
    const orders = await (await exported('/streams/orders/records?order_id=row-1', 'text/csv')).text();
    expect(orders.split('\r\n')[1]).toMatch(/^row-1,Customer 1,Product 1,\w+,2,2\.01,2026-01-01T00:00:01\.000Z,4\.02$/);
  });

  it('is refused as a page is, before it begins', async () => {
    for (const [query, code] of [
      ['order_hour=4', 'unanswerable_filter'],
      ['limit=5', 'bad_parameter'],
      ['from=x', 'bad_parameter'],
    ]) {
      const answer = await exported(`/streams/olist-orders/records?${query}`, 'text/csv');
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ code });
    }
  });
});

describe('orders of all streams', () => {
  const orders = async (query: string): Promise<OrderListAnswer> =>
    (await list(`/orders?${query}`)) as unknown as OrderListAnswer;

  it('by customer and status come from the stream that knows them, and the other is named', async () => {
    const [order, customer, status] = lines[9]!;
    const answer = await orders(`customer_id=${customer}&status=${status}`);
    expect(answer).toMatchObject({
      items: [{ stream: 'olist-orders', record: { order_id: order } }],
      next: null,
      answeredBy: ['olist-orders'],
      leftOut: [{ stream: 'orders', reason: 'its orders have no customer' }],
      order: 'newest-first',
    });
    expect((await orders(`customer_id=${customer}&status=never`)).items).toEqual([]);
  });

  it('by time come from every stream, newest first, page by page', async () => {
    const answer = await orders('from=2026-01-01T00:00:10Z&to=2026-01-01T00:00:30Z&limit=7');
    expect(answer).toMatchObject({ answeredBy: expect.arrayContaining(['orders', 'olist-orders']), leftOut: [] });
    const all = (await everything('/orders?from=2026-01-01T00:00:10Z&to=2026-01-01T00:00:30Z&limit=7')) as unknown as {
      record: Item;
    }[];
    expect(all.map(({ record }) => record['order_id'])).toEqual(Array.from({ length: 20 }, (_, i) => `row-${29 - i}`));
    const early = await orders('to=2016-10-01&limit=1000');
    const times = early.items.map(({ record }) => String(record['order_purchase_timestamp']));
    expect(times).toEqual([...times].sort().reverse());
    expect(times).toHaveLength(lines.filter(([, , , at]) => time(at!) < Date.UTC(2016, 9, 1)).length);
  });

  it('that are too many to be sorted come one stream after the other, each once, and say so', async () => {
    const { order } = await orders('limit=5');
    expect(order).toBe('none');
    const all = (await everything('/orders?limit=400')) as unknown as { stream: string; record: Item }[];
    expect(all.map(({ record }) => record['order_id']).sort()).toEqual(
      [...lines.map(([id]) => id!), ...Array.from({ length: 60 }, (_, n) => `row-${n}`)].sort(),
    );
  });

  it('refuse what cannot be read, and cursors of other questions', async () => {
    expect(await refused('/orders?from=soon')).toMatchObject({ code: 'bad_parameter' });
    expect(await refused('/orders?nope=1')).toMatchObject({ code: 'bad_parameter' });
    expect(await refused('/orders?limit=0')).toMatchObject({ code: 'bad_parameter' });
    const { next } = await orders('limit=5');
    expect(await refused(`/orders?status=delivered&cursor=${next}`)).toMatchObject({ code: 'bad_parameter' });
  });
});

describe('a tail', () => {
  const tail = (query = '') => EventStream.open(`${api.url}/streams/orders/tail${query}`);
  const groups = async () =>
    (await KafkaTopics.on(process.env['TEST_KAFKA_BROKERS']!).groups()).filter((group) =>
      group.startsWith(`${world.id}-tail`),
    );

  it('gives each record as it comes, to all who listen, and leaves no group on the broker', async () => {
    const [all, one] = [await tail(), await tail('?partition=1')];
    await expect(tail()).rejects.toThrow(/^429 .*too_many_tails/);
    // Categories that lie in all three partitions.
    const records = Array.from({ length: 9 }, (_, n) => JSON.stringify(numberedOrder(n, {}, 'tailed')));
    await api.upload(records.join('\n'), '?stream=orders', 'application/x-ndjson');
    const seen = await all.until('record', 9);
    expect(seen.map(({ data }) => (data['record'] as Item)['order_id']).sort()).toEqual(
      Array.from({ length: 9 }, (_, n) => `tailed-${n}`).sort(),
    );
    for (const { id, data } of seen) {
      const { topic, partition, offset } = data as { topic: string; partition: number; offset: string };
      expect(id).toBe(`${topic}:${partition}:${offset}`);
      expect(topic).toBe(world.topic('orders'));
    }
    const inOne = seen.filter(({ data }) => data['partition'] === 1);
    expect(inOne.length).toBeGreaterThan(0);
    expect((await one.until('record', inOne.length)).map(({ id }) => id)).toEqual(inOne.map(({ id }) => id));
    expect(await groups()).toHaveLength(1);
    all.close();
    one.close();
    await eventually(async () => (await groups()).length === 0, { what: 'no group of a tail left' });
    const last = await tail(); // there is a place again
    await eventually(async () => (await groups()).length === 1, { what: 'its group' });
    last.close();
    await eventually(async () => (await groups()).length === 0, { what: 'no group of a tail left' });
  });

  it('of no stream, or of no partition, is a problem', async () => {
    expect(await refused('/streams/nope/tail')).toMatchObject({ code: 'stream_not_found' });
    expect(await refused('/streams/orders/tail?partition=9')).toMatchObject({ code: 'bad_parameter', status: 400 });
    expect(await refused('/streams/orders/tail?partition=x')).toMatchObject({ code: 'bad_parameter', status: 400 });
  });

  it('ends with the process, which leaves no group either', async () => {
    const another = await world.another('ingest-api');
    await another.start();
    const open = await EventStream.open(`${another.url}/streams/orders/tail`);
    await eventually(async () => (await groups()).length === 1, { what: 'the group of the tail' });
    await another.stop();
    expect(another.exitCode).toBe(0);
    open.close();
    expect(await groups()).toEqual([]);
  });
});
