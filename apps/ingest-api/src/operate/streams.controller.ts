import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Page } from '@orderstream/contracts';
import { StreamRegistry, type AvroRecord, type StreamDefinition } from '@orderstream/streams';
import type { FastifyReply } from 'fastify';
import { streamNamed } from '../problems/stream-named.js';
import { StreamSchemas } from '../publish/stream-schemas.js';

@ApiTags('streams')
@Controller('streams')
export class StreamsController {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly schemas: StreamSchemas,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The streams, each with its definition.' })
  list(): Page<StreamDefinition> {
    return { items: this.streams.streams.map((stream) => stream.definition), next: null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'The definition of one stream.' })
  definition(@Param('name') name: string): StreamDefinition {
    return streamNamed(this.streams, name).definition;
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
