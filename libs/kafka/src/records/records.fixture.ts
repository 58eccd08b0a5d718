import fc from 'fast-check';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const content = fc.oneof(text, bytes);
/** Few, so that the same name, and the same value, stand in the same place of several records. */
const name = fc.oneof(fc.constantFrom('os-job', 'os-row', 'content-type', ''), text).filter((each) => !(each in {}));
const value = fc.oneof(fc.constantFrom('application/json', 'f0b3d1e2-1111-4222-8333-123456789abc', ''), content);

/** Of a key or a value. */
export const bytesOrText = fc.option(content, { nil: null });

export const headers = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([each]) => each, maxLength: 20 })
  .map((entries) => Object.fromEntries(entries));
