/**
 * Requests to stop a job, read by its owner, and what a run's probes measured. Beside the job's own row, for that has
 * one writer; requests live seconds and are never deleted but by their TTL, so their remains need not be kept.
 */
export const JOB_STOPS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.job_stops (
  job_id uuid,
  requested_at timestamp,
  PRIMARY KEY ((job_id))
) WITH gc_grace_seconds = 600;

CREATE TABLE IF NOT EXISTS {keyspace}.run_latencies (
  job_id uuid,
  latencies_ms frozen<list<int>>,
  PRIMARY KEY ((job_id))
);
`;
