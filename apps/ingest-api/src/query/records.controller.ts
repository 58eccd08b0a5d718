import { Controller, Get, Header, Headers, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { RecordQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { goneOf } from '../events/server-events.js';
import { acceptedFormat } from './accepted-format.js';
import type { FoundOrder } from './order-lookup.js';
import { RecordAnswers } from './record-answers.js';
import { RecordLookup } from './record-lookup.js';
import { csvWriter, ndjsonWriter } from './record-writers.js';

@ApiTags('streams')
@Controller('streams/:name/records')
export class RecordsController {
  constructor(
    private readonly answers: RecordAnswers,
    private readonly lookup: RecordLookup,
  ) {}

  @Get()
  @ApiProduces('application/json', 'text/csv', 'application/x-ndjson')
  @ApiOperation({
    summary:
      'Records of a stream by filters that its table can answer: pages of JSON, or the whole answer as CSV or NDJSON.',
    description:
      'Any column that `GET /streams/:name` lists under `answers` is a parameter: `order_id=…` for equality, ' +
      '`quantity.gte=`, `.gt`, `.lte`, `.lt` for a range. Several hold together. `Accept: text/csv` or ' +
      '`application/x-ndjson` has every record, as the table is read; what is exported can be ingested again ' +
      '(CSV with `unescape=true`). An export that fails half way closes its connection without an end.',
  })
  @ApiQuery({ name: 'from', required: false, description: 'Event time at this moment or later, ISO 8601.' })
  @ApiQuery({ name: 'to', required: false, description: 'Event time before this moment, ISO 8601.' })
  @ApiQuery({ name: 'sort', required: false, description: 'A clustering column; `-column` has the greatest first.' })
  @ApiQuery({ name: 'limit', required: false, description: 'Records of a page, 1 to 1000; 50 unless given.' })
  @ApiQuery({ name: 'cursor', required: false, description: 'The `next` of the page before, with the same filters.' })
  @ApiOkResponse({ description: '`items` and `next`; or the records in the format asked for.' })
  @ApiBadRequestResponse({
    description: '`unanswerable_filter` or `unanswerable_sort`, with what can be asked; `bad_parameter`.',
  })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  async list(
    @Param('name') name: string,
    @Query() query: Record<string, unknown>,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.header('cache-control', 'no-store').header('vary', 'accept');
    const format = acceptedFormat(accept);
    if (format === 'json') {
      await reply.send(await this.answers.page(name, query));
      return;
    }
    const writerOf = format === 'csv' ? csvWriter : ndjsonWriter;
    const { writer, chunks } = await this.answers.whole(name, query, { writer: writerOf, gone: goneOf(reply) });
    void reply
      .header('content-type', writer.contentType)
      .header('content-disposition', `attachment; filename="${name}.${writer.extension}"`);
    await reply.send(Readable.from(chunks, { objectMode: false }));
  }

  @Get(':key')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'One record by its primary key.',
    description:
      'Of a key of several columns, the values in their order with commas between; a comma of a value is `%2C`.',
  })
  @ApiParam({ name: 'key', example: 'eff9760487eab9dc8be232e37f503c1d,899f81ed,2016-09-04T21:15:19Z' })
  @ApiOkResponse({ description: 'The stream and its record; with `lineage=true` where it came from.' })
  @ApiBadRequestResponse({ description: '`bad_parameter`: the key has another number of values.' })
  @ApiNotFoundResponse({ description: '`record_not_found`, `stream_not_found`' })
  find(
    @Param('name') name: string,
    @Query() { lineage }: RecordQuery,
    @Req() request: FastifyRequest,
  ): Promise<Omit<FoundOrder, 'alsoIn'>> {
    // As it was sent: decoded, a comma of a value would look like one between two.
    const segment = request.url.split('?', 1)[0]!.split('/').at(-1)!;
    return this.lookup.find(name, segment, { lineage: lineage === 'true' });
  }
}
