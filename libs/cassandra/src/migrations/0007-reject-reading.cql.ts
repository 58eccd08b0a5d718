/** How the cells of a job's file were read, as JSON: its refused rows are read so again when they come back. */
export const REJECT_READING_CQL = `
ALTER TABLE {keyspace}.reject_buckets ADD IF NOT EXISTS reading text static;
`;
