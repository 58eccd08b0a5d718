import type { StreamDefinition } from './definition.js';
import { OLIST_ORDERS } from './olist-orders.stream.js';
import { ORDERS } from './orders.stream.js';
import { READINGS } from './readings.stream.js';
import { TRANSACTIONS } from './transactions.stream.js';
import { USERS } from './users.stream.js';

const BUILT_IN: readonly StreamDefinition[] = Object.freeze([ORDERS, OLIST_ORDERS, TRANSACTIONS, USERS, READINGS]);

/** The streams that come with the product. */
export const builtInStreams = (): readonly StreamDefinition[] => BUILT_IN;
