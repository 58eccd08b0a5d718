import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OrderLookup, type FoundOrder } from './order-lookup.js';

@ApiTags('orders')
@Controller('orders')
export class OrdersController {
  constructor(private readonly lookup: OrderLookup) {}

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One order by its id, from whichever stream of orders has it.' })
  @ApiOkResponse({ description: 'The stream that answered and its record.' })
  find(@Param('id') id: string): Promise<FoundOrder> {
    return this.lookup.find(id);
  }
}
