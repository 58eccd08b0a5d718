import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import {
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import { TailQuery } from '@orderstream/contracts/dto';
import { StreamRegistry } from '@orderstream/streams';
import type { FastifyReply } from 'fastify';
import { goneOf, sendEvents } from '../events/server-events.js';
import { streamNamed } from '../problems/stream-named.js';
import { Tails } from './tails.js';

@ApiTags('streams')
@Controller('streams/:name/tail')
export class TailController {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly tails: Tails,
  ) {}

  @Get()
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'New records of a stream as they come to its topic, as server-sent events.',
    description:
      'It begins with what comes after the answer has begun, and again so after a reconnect. `record` has topic, ' +
      'partition, offset, timestamp, key and record (`valueBase64` where the value is no JSON); its id is ' +
      '`topic:partition:offset`. A client that is too slow loses records, and `skipped` says how many in their place.',
  })
  @ApiOkResponse({ description: 'Events until the client goes.' })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  @ApiTooManyRequestsResponse({ description: '`too_many_tails`: as many as MAX_TAILS are open.' })
  async tail(
    @Param('name') name: string,
    @Query() { partition }: TailQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { topic } = streamNamed(this.streams, name);
    await sendEvents(reply, await this.tails.open({ topic, partition, gone: goneOf(reply) }));
  }
}
