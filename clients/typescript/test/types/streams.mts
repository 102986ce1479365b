// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Streams: their changes are those of the actions asked for, their filters fit the fields. Compiled,
// never run.
import { FreshetError, RealtimeClient } from '@freshet/client';
import type {
  Change,
  ChangeStream,
  CreateChange,
  DeleteChange,
  StreamLag,
  StreamOptions,
  UpdateChange,
} from '@freshet/client';

interface User {
  id: number;
  email: string;
  name: string | null;
  role: 'admin' | 'reader';
  isActive?: boolean;
  balance: bigint;
  tags: string[];
  address: { city: string };
}

/** Compiles if the types are the same. */
function same<A, B>(
  _: (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : never,
) {}

const users = new RealtimeClient({ url: 'ws://127.0.0.1:6020' }).collection<User>('User');

// What is not asked for does not come.
const all = users.stream();
same<typeof all, ChangeStream<CreateChange<User> | UpdateChange<User> | DeleteChange<User>>>(true);
same<typeof all, ChangeStream<Change<User>>>(true);
const named = users.stream({ name: 'all', from: 'earliest', window: 16 });
same<typeof named, typeof all>(true);
const none = users.stream({});
same<typeof none, typeof all>(true);
const created = users.stream({ name: 'new', create: {} });
same<typeof created, ChangeStream<CreateChange<User>>>(true);
const deleted = users.subscribe({ delete: {} });
same<typeof deleted, ChangeStream<DeleteChange<User>>>(true);
const two = users.subscribe({ create: {}, update: { after: {} } });
same<typeof two, ChangeStream<CreateChange<User> | UpdateChange<User>>>(true);
declare const options: StreamOptions<User>;
const whichever = users.stream(options);
same<typeof whichever, typeof all>(true);

for await (const change of users.stream()) {
  const { id, documentId, revision }: { id: string; documentId: string; revision: number } = change;
  if (change.action === 'create') same<typeof change.created, User>(true);
  else if (change.action === 'update') same<typeof change.before, User | null>(true);
  else same<typeof change.deleted, User>(true);
  // @ts-expect-error not every change has it
  void change.created;
  void [id, documentId, revision];
}
for await (const change of users.stream({ create: { name: { not: null } } })) {
  const email: string = change.created.email;
  // @ts-expect-error no update was asked for
  void change.after;
  void email;
}
for await (const change of users.subscribe({ update: { after: { email: { endsWith: 'x' } } } })) {
  same<typeof change.after, User>(true);
  // @ts-expect-error nothing changes a change
  change.after = change.before;
}

// Filters.
users.stream({
  create: {
    id: { in: [1, 2], gt: 0, not: { in: [9] } },
    email: { contains: 'hello', mode: 'insensitive' },
    name: null,
    role: 'admin',
    isActive: true,
    balance: { gte: 10n },
    tags: { has: 'a', isEmpty: false },
    address: { isSet: true },
    'address.city': { startsWith: 'B' },
    OR: [{ id: 1 }, { NOT: { role: { notIn: ['reader'] } } }],
    AND: { email: { lt: 'm' } },
  },
});
// @ts-expect-error no such field
users.stream({ create: { nmae: 'A' } });
// @ts-expect-error no such operator
users.stream({ create: { email: { like: 'A' } } });
// @ts-expect-error a number is no text
users.stream({ create: { email: 1 } });
// @ts-expect-error not a role
users.stream({ create: { role: { in: ['boss'] } } });
// @ts-expect-error texts have no elements
users.stream({ create: { email: { has: 'a' } } });
// @ts-expect-error the row after the update, not the update itself
users.stream({ update: { email: 'a' } });
// @ts-expect-error no such action
users.stream({ name: 'a', created: {} });
// @ts-expect-error whoever subscribes has no place that could be kept
users.subscribe({ name: 'a' });

// Rows of an unknown shape.
for await (const change of users.stream({ create: {} })) void change;
const anything = new RealtimeClient({ url: 'ws://127.0.0.1:6020' }).collection('anything');
for await (const change of anything.stream({ delete: { status: { in: ['gone'] }, n: 1 } })) {
  const status: unknown = change.deleted['status'];
  void status;
}

// Being told, and ending it.
const stream = users.stream({
  onLag: ({ lagEvents, lagMs, dropped }: StreamLag) => lagEvents + lagMs + dropped,
});
same<typeof stream, typeof all>(true);
const { resumed, resumedAfter }: { resumed: boolean; resumedAfter: string | null } =
  await stream.ready();
stream.acknowledge('01');
await stream
  .stop()
  .catch((error: unknown) => error instanceof FreshetError && error.code === 'NAME_IN_USE');
void [resumed, resumedAfter];
