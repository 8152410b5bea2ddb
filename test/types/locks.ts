// Locks in use, as a stranger writes them: what must compile, and (under @ts-expect-error) what must not. Checked against the declarations
// that ship; never run.
import type { Clause, Guard, Lock, LockOptions, PermitOptions, WaitOptions, WriteGuard } from "brigade";
import {
  Barrier,
  CapacityLimiter,
  Condition,
  coroutines,
  Event,
  KeyedLimiter,
  Latch,
  Mutex,
  Once,
  RateLimiter,
  RWLock,
  Semaphore,
  select,
} from "brigade";

/** Compiles only when `T` is exactly `U`. */
type Same<T, U> = (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? true : false;
declare function is<_T extends true>(): void;

interface Config {
  readonly port: number;
}
declare const load: () => Promise<Config>;
declare const signal: AbortSignal;
declare const settings: LockOptions & WaitOptions & PermitOptions;

export async function mutexes() {
  const mutex = new Mutex({ name: "till" });
  {
    using guard = await mutex.acquire({ signal, timeout: 100 });
    is<Same<typeof guard, Guard>>();
    is<Same<typeof guard.held, boolean>>();
  }
  // @ts-expect-error a promise of a guard is no guard: await it
  using _early = mutex.acquire();
  // @ts-expect-error there may be no guard
  mutex.tryAcquire().release();
  mutex.tryAcquire()?.release();
  // @ts-expect-error a coroutine lock never blocks the thread
  mutex.acquireSync();
  // @ts-expect-error only a guard releases
  mutex.release();
  // @ts-expect-error `locked` is read-only
  mutex.locked = true;
  // @ts-expect-error a mutex has no permits
  await mutex.acquire({ permits: 2 });
  // @ts-expect-error trying does not wait
  mutex.tryAcquire({ timeout: 5 });
  // @ts-expect-error a duration is a number
  await mutex.acquire({ timeout: "5" });
  // Settings of one's own may be passed through.
  await new Mutex(settings).acquire(settings);

  const sync = await mutex.with(() => 5);
  is<Same<typeof sync, number>>();
  const waited = await mutex.with(async () => ({ ok: true }) as const);
  is<Same<typeof waited, { readonly ok: true }>>();
  const task = await mutex.with(() => coroutines.run(() => "task"));
  is<Same<typeof task, string>>();
  const maybe = await mutex.with((): number | undefined => undefined);
  is<Same<typeof maybe, number | undefined>>();
  const nothing = await mutex.with(() => {});
  is<Same<typeof nothing, void>>();
  // @ts-expect-error a function is needed, not its result
  await mutex.with(load());
  // @ts-expect-error fn gets no arguments
  await mutex.with((guard: Guard) => guard.release());
}

export async function readersAndWriters() {
  const lock = new RWLock();
  const writing = await lock.acquireWrite({ signal });
  is<Same<typeof writing, WriteGuard>>();
  const reading = writing.downgrade();
  is<Same<typeof reading, Guard>>();
  // @ts-expect-error there is no way back up
  reading.upgrade();
  // @ts-expect-error a reader has nothing to downgrade
  (await lock.acquireRead()).downgrade();
  // @ts-expect-error which of the two?
  await lock.acquire();
  const read = await lock.withRead(async () => 1);
  is<Same<typeof read, number>>();
  const written = await lock.withWrite(() => "w", { timeout: 5 });
  is<Same<typeof written, string>>();
  const got = await select({ read: lock.acquiringRead(), write: lock.acquiringWrite() });
  if (got.key === "write") got.value.downgrade();
  else is<Same<typeof got.value, Guard>>();
}

export async function permits() {
  const semaphore = new Semaphore(5);
  using three = await semaphore.acquire({ permits: 3, signal });
  semaphore.tryAcquire({ permits: 2 })?.release();
  // @ts-expect-error trying does not wait
  semaphore.tryAcquire({ permits: 2, signal });
  await semaphore.with(() => three.held, { permits: 2, timeout: 5 });
  const clause = semaphore.acquiring({ permits: 2 });
  is<Same<typeof clause, Clause<Guard>>>();
  // @ts-expect-error a clause has no timeout of its own
  semaphore.acquiring({ timeout: 5 });
  // @ts-expect-error how many?
  new Semaphore();
  // @ts-expect-error nobody adds permits from outside
  semaphore.available = 7;

  const limiter = new CapacityLimiter(Number.POSITIVE_INFINITY, { name: "pool" });
  limiter.total = 5;
  is<Same<typeof limiter.available, number>>();
  // @ts-expect-error one at a time
  await limiter.acquire({ permits: 2 });
}

/** Whoever needs some lock takes any. */
export async function anyLock(lock: Lock) {
  const value = await lock.with(async () => 1);
  is<Same<typeof value, number>>();
}
await anyLock(new Mutex());
await anyLock(new CapacityLimiter(2));
await anyLock(new Semaphore(2));
/** What is asked for settings that it does not have ignores them. */
export const wide: Lock<PermitOptions> = new Mutex();
// @ts-expect-error an RWLock is two locks
await anyLock(new RWLock());

export async function waiting() {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  is<Same<typeof condition, Condition<Mutex>>>();
  is<Same<typeof condition.mutex, Mutex>>();
  const own = new Condition();
  is<Same<typeof own.mutex, Mutex>>();
  await mutex.with(async () => {
    await condition.wait({ timeout: 5 });
    await condition.waitFor(() => true, { signal });
    condition.notify(2);
    condition.notifyAll();
  });
  // @ts-expect-error a predicate answers
  await condition.waitFor(() => {});
  // @ts-expect-error and it answers at once
  await condition.waitFor(async () => true);

  const [event, latch, barrier] = [new Event({ name: "ready" }), new Latch(2), new Barrier(2)];
  const got = await select({ event: event.waiting(), latch: latch.waiting() });
  is<Same<typeof got.value, void>>();
  // @ts-expect-error the flag is set by set()
  event.isSet = true;
  latch.countDown(2);
  const index = await barrier.wait({ signal });
  is<Same<typeof index, number>>();
  // @ts-expect-error how many?
  new Barrier();
}

export async function initialisers() {
  const once = new Once<Config>({ name: "config" });
  const config = await once.run(load, { timeout: 5 });
  is<Same<typeof config, Config>>();
  await once.run(() => ({ port: 1 }));
  // @ts-expect-error another type
  await once.run(() => 1);
  // @ts-expect-error what it takes is what it gives: neither wider nor narrower will do
  exactly(once as Once<Config | undefined>);
}
declare function exactly(once: Once<Config>): void;

export async function limiters() {
  const users = new KeyedLimiter<{ readonly id: number }>({ concurrency: 2, name: "users" });
  const size = await users.run({ id: 1 }, async () => 5, { signal });
  is<Same<typeof size, number>>();
  // @ts-expect-error the wrong key
  await users.run("1", () => 5);
  users.pause({ id: 1 });
  users.resume();
  is<Same<ReturnType<typeof users.activeCount>, number>>();
  await new KeyedLimiter({ concurrency: 1 }).run("strings by default", () => 1);
  // @ts-expect-error how many at once?
  new KeyedLimiter({});

  const api = new RateLimiter({ limit: 10, interval: 1_000, concurrency: 2, burst: 5, name: "api" });
  const body = await api.run(async () => "body", { timeout: 5 });
  is<Same<typeof body, string>>();
  const granted = await api.acquire({ signal });
  is<Same<typeof granted, void>>();
  await api.drain({ timeout: 5 });
  // @ts-expect-error per what?
  new RateLimiter({ limit: 10 });
}
