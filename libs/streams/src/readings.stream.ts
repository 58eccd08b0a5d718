import { defineStream } from './define/define-stream.js';

/** One partition of the table per device and day, the newest reading first. */
export const READINGS = defineStream({
  name: 'readings',
  description: 'Readings of sensors, one metric each.',
  table: 'sensor_readings',
  key: { fields: ['device_id'], separator: '_' },
  primaryKey: {
    partition: ['device_id', 'day'],
    clustering: [
      { field: 'time', order: 'desc' },
      { field: 'metric', order: 'asc' },
    ],
  },
  fields: [
    // The devices report in turn, all of one metric before the next: so no two records of a run have one key.
    { name: 'device_id', type: 'text', required: true, fake: { kind: 'runId', distinct: 60 } },
    { name: 'time', type: 'timestamp', required: true, fake: { kind: 'eventTime' } },
    {
      name: 'metric',
      type: 'text',
      required: true,
      fake: {
        kind: 'turn',
        field: 'device_id',
        values: ['temperature_c', 'humidity_percent', 'pressure_hpa', 'battery_v', 'signal_dbm'],
      },
    },
    {
      name: 'value',
      type: 'decimal',
      required: true,
      fake: { kind: 'decimal', min: '-120.000', max: '1050.000', scale: 3 },
    },
  ],
  derived: [{ name: 'day', type: 'date', from: { kind: 'dayOf', of: 'time' } }],
  eventTime: 'time',
  stats: { time: 'time', category: 'metric', account: 'device_id' },
});
