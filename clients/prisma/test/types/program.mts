// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Compiled, never run: which programs are right, and which are not.
import type {
  PulseCreateEvent,
  PulseDeleteEvent,
  PulseEvent,
  PulseUpdateEvent,
} from '@freshet/prisma';
import { PrismaPulseError, PulseSubscription, withFreshet, withPulse } from '@freshet/prisma';
import type { Post, User } from 'generated';
import { Prisma, PrismaClient } from 'generated';

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Either may stand for the other, and neither for everything. */
type Same<A, B> = true extends IsAny<A> | IsAny<B> ? false : [A, B] extends [B, A] ? true : false;

function same<A, B>(_: Same<A, B>): void {}

type In<S> = S extends Promise<PulseSubscription<infer E>> ? E : never;

const options = { apiKey: 'key', endpoint: 'ws://127.0.0.1:6020' };
declare const plain: PrismaClient;
const prisma = plain.$extends(withFreshet(options));
const migrated = plain.$extends(
  withPulse({ apiKey: 'key', endpoint: new URL('https://freshet.example') }),
);

// The events are those of the actions asked for.
const everything = prisma.user.stream();
same<In<typeof everything>, PulseEvent<User>>(true);
const empty = prisma.user.stream({});
same<In<typeof empty>, PulseEvent<User>>(true);
const named = prisma.user.stream({ name: 'n' });
same<In<typeof named>, PulseEvent<User>>(true);
const created = prisma.user.stream({ name: 'n', create: {} });
same<In<typeof created>, PulseCreateEvent<User>>(true);
const two = migrated.user.subscribe({ create: {}, delete: { id: 1 } });
same<In<typeof two>, PulseCreateEvent<User> | PulseDeleteEvent<User>>(true);
const updated = prisma.post.subscribe({ update: { after: { title: { startsWith: 'a' } } } });
same<In<typeof updated>, PulseUpdateEvent<Post>>(true);
const none = prisma.user.stream({ create: undefined });
same<In<typeof none>, PulseEvent<User>>(true);
declare const perhaps: { create?: { id: number }; delete: object };
const some = prisma.user.stream(perhaps);
same<In<typeof some>, PulseCreateEvent<User> | PulseDeleteEvent<User>>(true);

// What is in them.
for await (const event of await everything) {
  const id: string = event.id;
  if (event.action === 'update') same<typeof event.before, User | null>(true);
  if (event.action === 'delete') same<typeof event.deleted.email, string | undefined>(true);
  if (event.action === 'create') {
    const { followers, joined, balance, avatar, tags } = event.created;
    same<typeof followers, bigint | null>(true);
    same<typeof joined, Date | null>(true);
    same<typeof balance, Prisma.Decimal | null>(true);
    same<typeof tags, string[]>(true);
    const bytes: Uint8Array | null = avatar;
    void [id, bytes];
    // @ts-expect-error relations are not in events
    void event.created.posts;
  }
}

// All rows, whatever this client leaves out of its own answers.
const reduced = new PrismaClient({ adapter: null as never, omit: { user: { email: true } } });
const whole = reduced.$extends(withFreshet(options)).user.stream({ create: {} });
same<In<typeof whole>, PulseCreateEvent<User>>(true);

// What the object has.
const subscription = await prisma.user.stream({ name: 'n', create: {} });
const opened: Promise<void> = subscription.open;
const closed: Promise<void> = subscription.closed;
subscription.acknowledgeEvent('id');
subscription.stop();
const { value } = await subscription.getReader().read();
const email: string | undefined = value?.created.email;
void [opened, closed, email, subscription instanceof PulseSubscription];

// Filters.
void prisma.user.stream({
  create: {
    AND: { name: { not: null } },
    OR: [{ followers: null }, { followers: { in: [1n, 2n] } }, { followers: { not: null } }],
    NOT: [{ joined: '2026-01-31T00:00:00Z' }, { joined: { lt: new Date() } }],
  },
  update: {
    after: {
      OR: { balance: { gt: '1.5' } },
      name: { equals: plain.user.fields.email },
      tags: { hasEvery: ['a'] },
      avatar: { not: new Uint8Array() },
      profile: { equals: { a: 1 } },
      role: { in: ['ADMIN'] },
    },
    before: { active: true },
  },
  delete: { NOT: { AND: [{ OR: { score: { gte: 1.5 } } }] } },
});
void prisma.user.stream({ create: { profile: { equals: Prisma.DbNull } } });
// @ts-expect-error no relations
void prisma.user.stream({ create: { posts: { some: {} } } });
// @ts-expect-error nor inside
void prisma.user.stream({ create: { OR: [{ posts: { some: {} } }] } });
// @ts-expect-error no such field
void prisma.user.stream({ create: { mail: 'a' } });
// @ts-expect-error of another type
void prisma.user.stream({ create: { id: 'five' } });
// @ts-expect-error of another type, inside
void prisma.user.stream({ update: { after: { NOT: [{ id: 'five' }] } } });
// @ts-expect-error filters of updates stand in after and before
void prisma.user.stream({ update: { id: 5 } });
// @ts-expect-error no such argument
void prisma.user.stream({ upsert: {} });
// @ts-expect-error what is live has no place to keep under a name
void prisma.user.subscribe({ name: 'n' });

// Options.
// @ts-expect-error it has no default
withFreshet({ apiKey: 'key' });
withFreshet({
  ...options,
  reconnect: { firstMs: 1, maxMs: 2, nameTakenMs: 3 },
  onRetry: ({ modelName, name, error, delayMs }) =>
    void [modelName, name, error?.status, error?.code, delayMs],
});
const status = (error: unknown) => (error instanceof PrismaPulseError ? error.status : 0);
same<ReturnType<typeof status>, number | undefined>(true);
