import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Page } from '@orderstream/contracts';
import { StreamRegistry, type AvroRecord, type CompiledStream, type StreamDefinition } from '@orderstream/streams';
import type { FastifyReply } from 'fastify';
import { streamNamed } from '../problems/stream-named.js';
import { StreamSchemas } from '../publish/stream-schemas.js';
import { answersOf, type AnswersView } from '../query/answers-view.js';

@ApiTags('streams')
@Controller('streams')
export class StreamsController {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly schemas: StreamSchemas,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The streams, each with its definition and what its table can be asked.' })
  list(): Page<StreamView> {
    return { items: this.streams.streams.map(viewOf), next: null };
  }

  @Get(':name')
  @ApiOperation({
    summary: 'The definition of one stream, with its topic and table, and what its table can be asked.',
    description:
      "`answers` has the columns of a record's key, the filters, the sorts and the event time of `…/records`.",
  })
  @ApiNotFoundResponse({ description: '`stream_not_found`' })
  definition(@Param('name') name: string): StreamView {
    return viewOf(streamNamed(this.streams, name));
  }

  @Get(':name/schema.avsc')
  @ApiOperation({
    summary:
      'The Avro schema of its values: as it is registered, with subject and id in headers, or as it would be where there is no registry.',
  })
  @ApiProduces('application/json')
  schema(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): AvroRecord {
    const { subject, id, schema } = this.schemas.of(streamNamed(this.streams, name));
    void reply.header('schema-subject', subject);
    if (id !== undefined) void reply.header('schema-id', String(id));
    return schema;
  }
}

/** A definition as it is, and beside it what follows from it. */
interface StreamView extends StreamDefinition {
  readonly answers: AnswersView;
}

const viewOf = ({ definition }: CompiledStream): StreamView => ({ ...definition, answers: answersOf(definition) });
