/** The first nine hash to all three partitions of the orders topic. */
const CATEGORIES = ['books', 'electronics', 'toys', 'home', 'music', 'sports', 'clothing', 'tools', 'stationery'];
const FIRST_MS = Date.UTC(2026, 0, 1);

export const ORDER_HEADER = 'order_id,customer_name,product,category,quantity,price,timestamp';

/** What the order's row is worked out from; any field may be given another value of any type, or be left out (undefined). */
export type OrderFields = Readonly<Record<string, unknown>>;

export const orderId = (n: number, prefix = 'row'): string => `${prefix}-${n}`;

/** Ids from `from` up to, and without, `to`. */
export const orderIds = (from: number, to: number, prefix = 'row'): Set<string> =>
  new Set(Array.from({ length: to - from }, (_, i) => orderId(from + i, prefix)));

/** Order number n: the same for the same n, and told from every other by its id. */
export function numberedOrder(n: number, fields: OrderFields = {}, prefix = 'row'): Record<string, unknown> {
  return {
    order_id: orderId(n, prefix),
    customer_name: `Customer ${n % 997}`,
    product: `Product ${n % 89}`,
    category: CATEGORIES[n % CATEGORIES.length],
    quantity: (n % 10) + 1,
    price: `${(n % 400) + 1}.${String(n % 100).padStart(2, '0')}`,
    timestamp: new Date(FIRST_MS + n * 1000).toISOString(),
    ...fields,
  };
}

/** The order as a raw producer sends it. */
export const orderJson = (n: number, fields: OrderFields = {}): string => JSON.stringify(numberedOrder(n, fields));

/** One line of a file with `ORDER_HEADER`, without its line end. Cells are given as they are to stand in the file. */
export const orderLine = (n: number, cells: Readonly<Record<string, string>> = {}, prefix = 'row'): string =>
  Object.values(numberedOrder(n, cells, prefix))
    .map(String)
    .join(',');

/** A CSV file of the orders from `from` up to, and without, `to`. */
export function ordersCsv(from: number, to: number, prefix = 'row'): string {
  const lines = [ORDER_HEADER];
  for (let n = from; n < to; n++) lines.push(orderLine(n, {}, prefix));
  return `${lines.join('\n')}\n`;
}
