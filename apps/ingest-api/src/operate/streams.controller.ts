import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@orderstream/contracts';
import { StreamRegistry, type StreamDefinition } from '@orderstream/streams';
import { streamNamed } from '../problems/stream-named.js';

@ApiTags('streams')
@Controller('streams')
export class StreamsController {
  constructor(private readonly streams: StreamRegistry) {}

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
}
