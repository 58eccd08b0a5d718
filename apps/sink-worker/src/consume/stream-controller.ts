import { Controller, UseFilters, type Type } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { BatchExceptionFilter, type BatchOutcome, type RecordBatch } from '@orderstream/kafka';
import { Pipeline } from '../pipeline.js';

/** Every stream, built in or not, gets its `@EventPattern` here: a handler for the batches of its topic. */
export function streamController(topic: string): Type<unknown> {
  @Controller()
  @UseFilters(new BatchExceptionFilter())
  class StreamController {
    constructor(private readonly pipeline: Pipeline) {}

    @EventPattern<Record<string, RecordBatch>>(topic)
    handle(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
      return this.pipeline.process(batch);
    }
  }
  Object.defineProperty(StreamController, 'name', { value: `StreamController(${topic})` });
  return StreamController;
}
