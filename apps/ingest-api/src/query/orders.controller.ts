import { Controller, Get, Header, HttpStatus, Param, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { parseDurationMs, ProblemError } from '@orderstream/contracts';
import { OrderListQuery, OrderQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { OrderList, type OrderPage } from './order-list.js';
import { OrderLookup, type FoundOrder } from './order-lookup.js';
import { goneOf } from '../events/server-events.js';
import { OrderReceipts, type PendingReceipt } from './order-receipts.js';

const RETRY_AFTER_S = { least: 1, most: 60 } as const;

@ApiTags('orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly lookup: OrderLookup,
    private readonly receipts: OrderReceipts,
    private readonly orders: OrderList,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Orders of all streams by customer, status and time.',
    description:
      'Which columns these are is said by the definition of each stream. A stream that cannot answer a filter is left ' +
      'out, and `leftOut` says why. Up to 1,000 orders come newest first; a longer answer comes one stream after the ' +
      'other, in the order of its table, and `order` is `none`.',
  })
  @ApiOkResponse({ description: '`items` with stream and record, `next`, `answeredBy`, `leftOut` and `order`.' })
  @ApiBadRequestResponse({ description: '`unanswerable_filter`: no stream can answer; `bad_parameter`.' })
  list(@Query() query: OrderListQuery): Promise<OrderPage> {
    return this.orders.page(query);
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One order by its id, from whichever stream of orders has it.' })
  @ApiOkResponse({ description: 'The stream that answered and its record; with `lineage=true` where it came from.' })
  @ApiAcceptedResponse({ description: 'The record of the receipt is still on its way, with an estimate in seconds.' })
  @ApiNotFoundResponse({ description: '`order_not_found`.' })
  @ApiUnprocessableEntityResponse({ description: '`record_rejected`: the record of the receipt is a dead letter.' })
  async find(
    @Param('id') id: string,
    @Query() query: OrderQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FoundOrder | PendingReceipt> {
    const pending = await this.pending(query, goneOf(reply));
    if (!pending) return this.lookup.find(id, { lineage: query.lineage === 'true' });
    const { least, most } = RETRY_AFTER_S;
    const retryAfter = Math.min(most, Math.max(least, Math.ceil(pending.estimatedSeconds)));
    void reply.status(HttpStatus.ACCEPTED).header('retry-after', String(retryAfter));
    return pending;
  }

  private async pending(
    { receipt, wait, timeout }: OrderQuery,
    gone: AbortSignal,
  ): Promise<PendingReceipt | undefined> {
    if (receipt !== undefined)
      return this.receipts.pending(receipt, wait === undefined ? 0 : (parseDurationMs(timeout) ?? 0), gone);
    if (wait === undefined) return undefined;
    throw new ProblemError('bad_parameter', 'wait needs receipt=, the receipt that the POST of the record answered');
  }
}
