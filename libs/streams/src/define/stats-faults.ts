import type { FieldType, StatsDefinition, StreamDefinition } from '../definition.js';
import { faultAt, type Fault } from './fault.js';

const TYPES_BY_ROLE: Readonly<Record<keyof StatsDefinition, readonly FieldType[]>> = {
  time: ['timestamp', 'date'],
  category: ['text'],
  account: ['text', 'uuid'],
  quantity: ['int', 'bigint', 'decimal'],
  revenue: ['int', 'bigint', 'decimal'],
  product: ['text'],
};

/** What `by=` means on every stream; the field of the accounts has another name. */
export const STATS_GROUPS = ['partition', 'category', 'hour', 'weekday'] as const;

/** Faults of the statistics: what they name, and of which type it is. */
export function statsFaults({ stats, fields, derived }: StreamDefinition): Fault[] {
  if (stats === undefined) return [];
  const typeByName = new Map([...fields, ...derived].map(({ name, type }) => [name, type]));
  const faults = namedBy(stats).flatMap(([role, name]) => {
    const type = typeByName.get(name);
    const allowed = TYPES_BY_ROLE[role];
    if (type === undefined) return [faultAt(['stats', role], `"${name}" is not a field`)];
    const text = `"${name}" must be ${allowed.join(' or ')}, not ${type}`;
    return allowed.includes(type) ? [] : [faultAt(['stats', role], text)];
  });
  if (stats.account !== undefined && (STATS_GROUPS as readonly string[]).includes(stats.account))
    faults.push(faultAt(['stats', 'account'], `a field "${stats.account}" cannot be told from by=${stats.account}`));
  if (stats.product?.separator === '') faults.push(faultAt(['stats', 'product', 'separator'], 'must not be empty'));
  return faults;
}

const namedBy = ({ product, ...others }: StatsDefinition): [keyof StatsDefinition, string][] => [
  ...(Object.entries(others) as [keyof StatsDefinition, string][]),
  ...(product === undefined ? [] : [['product', product.field] as [keyof StatsDefinition, string]]),
];
