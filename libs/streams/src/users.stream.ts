import { defineStream } from './define/define-stream.js';

/** Everything is text, for plain console producers send dates in every form there is. Key = id: a null value deletes. */
export const USERS = defineStream({
  name: 'users',
  description: 'Users as a plain console producer sends them.',
  topic: 'users_created',
  table: 'created_users',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true, fake: { kind: 'runId' } },
    { name: 'first_name', type: 'text', fake: { kind: 'firstName' } },
    { name: 'last_name', type: 'text', fake: { kind: 'lastName' } },
    { name: 'gender', type: 'text', fake: { kind: 'oneOf', values: ['female', 'male'] } },
    { name: 'address', type: 'text', fake: { kind: 'address' } },
    { name: 'post_code', type: 'text', fake: { kind: 'postCode' } },
    { name: 'email', type: 'text', fake: { kind: 'email' } },
    { name: 'username', type: 'text', fake: { kind: 'username' } },
    { name: 'dob', type: 'text', fake: { kind: 'pastTime', fromYear: 1940, toYear: 2005 } },
    { name: 'registered_date', type: 'text', fake: { kind: 'pastTime', fromYear: 2015, toYear: 2025 } },
    { name: 'phone', type: 'text', fake: { kind: 'phone' } },
    { name: 'picture', type: 'text', fake: { kind: 'pictureUrl' } },
  ],
});
