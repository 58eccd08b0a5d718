/** Every metric there is. Names are a contract with dashboards and alerts: never renamed. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROWS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export const COUNTERS = {
  rowsReceived: ['orderstream_rows_received_total', 'Rows read from uploads and made by runs', ['stream', 'source']],
  rowsRejected: ['orderstream_rows_rejected_total', 'Rows refused, by stage and code', ['stream', 'stage', 'code']],
  rowsPublished: ['orderstream_rows_published_total', 'Rows that Kafka acknowledged', ['topic', 'partition']],
  rowsConsumed: [
    'orderstream_rows_consumed_total',
    'Records handed to the pipeline, replays included',
    ['topic', 'partition'],
  ],
  rowsStored: ['orderstream_rows_stored_total', 'Records that Cassandra acknowledged', ['topic', 'partition']],
  rowsDerived: ['orderstream_rows_derived_total', 'Derived records that Kafka acknowledged', ['topic', 'partition']],
  deadLetters: ['orderstream_dead_letters_total', 'Dead letters written, replays included', ['topic', 'code']],
  deadLettersMoved: [
    'orderstream_dead_letters_moved_total',
    'Dead letters that an operator had redriven (each time it was sent), parked or discarded',
    ['topic', 'state'],
  ],
  publishRetries: ['orderstream_publish_retries_total', 'Sends to Kafka tried again', ['topic']],
  writeRetries: [
    'orderstream_write_retries_total',
    'Times a partition waited for a store or a broker',
    ['topic', 'reason'],
  ],
  batchFallbacks: ['orderstream_batch_fallbacks_total', 'Batches written again row by row', ['topic']],
  httpRequests: ['orderstream_http_requests_total', 'HTTP answers', ['method', 'route', 'status']],
} as const;

export const GAUGES = {
  lagRows: [
    'orderstream_lag_rows',
    'Records behind the end of the partition, by the last fetch',
    ['topic', 'partition'],
  ],
  lagSeconds: ['orderstream_lag_seconds', 'Time the sink needs for what waits, greatest over the partitions', []],
  lagTotalRows: ['orderstream_lag_total_rows', 'Records the group has still to read, over all partitions', []],
  sourcesHeld: ['orderstream_sources_held', '1 while uploads and runs are held back because the sink is behind', []],
  partitionsAssigned: ['orderstream_partitions_assigned', 'Partitions this worker owns', []],
  partitionsWaiting: ['orderstream_partitions_waiting', 'Partitions that wait for a store or a broker', []],
  partitionsStopped: ['orderstream_partitions_stopped', 'Partitions stopped by an unknown error', []],
  uploadsOpen: ['orderstream_uploads_open', 'Uploads being received', []],
  runsActive: ['orderstream_runs_active', 'Generator runs under way', []],
} as const;

export const HISTOGRAMS = {
  publishSeconds: ['orderstream_publish_seconds', 'Time from send to acknowledgement', ['topic'], SECONDS],
  publishBatchRows: ['orderstream_publish_batch_rows', 'Rows per send', ['topic'], ROWS],
  writeSeconds: ['orderstream_write_seconds', 'Time of one write to Cassandra, batch or single', ['table'], SECONDS],
  writeBatchRows: ['orderstream_write_batch_rows', 'Rows per write to Cassandra', ['table'], ROWS],
  consumeBatchRows: ['orderstream_consume_batch_rows', 'Records per fetched batch', ['topic'], ROWS],
  pipelineSeconds: ['orderstream_pipeline_seconds', 'Time of one batch from decode to stored', ['topic'], SECONDS],
  httpSeconds: ['orderstream_http_seconds', 'Time of one HTTP request', ['method', 'route'], SECONDS],
} as const;
