// Channels and select as types: what is inferred, which way ends may be passed on, and (under @ts-expect-error) what must not compile.
// Checked against the declarations that ship; never run.
import type {
  ChannelOptions,
  ChannelStatistics,
  Clause,
  Overflow,
  Permit,
  Receiver,
  Selectable,
  Selected,
  SelectedValue,
  SelectOptions,
  Sender,
  Task,
  WaitOptions,
} from "brigade";
import { after, Broadcast, Channel, coroutines, Select, select, trySelect } from "brigade";

/** Compiles only when `T` is exactly `U`. */
type Same<T, U> = (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? true : false;
declare function is<_T extends true>(): void;

interface Animal {
  readonly name: string;
}
interface Dog extends Animal {
  bark(): void;
}
interface Summary {
  readonly words: number;
}

declare const stop: AbortSignal;
declare const paused: boolean;
declare const lock: Clause<Disposable>;

export async function channels() {
  const jobs = new Channel<number>(8, { overflow: "drop-oldest", name: "jobs" });
  is<Same<typeof jobs, Channel<number>>>();
  const none = new Channel<string>();
  const later = Channel.unbounded<Dog>({ name: "later" });
  is<Same<typeof later, Channel<Dog>>>();
  const newest = Channel.latest<Dog>();

  const sent = jobs.send(1, { timeout: 100, signal: stop });
  is<Same<typeof sent, Promise<void>>>();
  const tried = jobs.trySend(2);
  is<Same<typeof tried, boolean>>();
  const next = await jobs.receive();
  is<Same<typeof next, number | undefined>>();
  const now = jobs.tryReceive();
  is<Same<typeof now, number | undefined>>();
  using permit = await jobs.reserve({ timeout: 1 });
  is<Same<typeof permit, Permit<number>>>();
  permit.send(3);
  for await (const job of jobs) is<Same<typeof job, number>>();
  const { closed } = jobs;
  is<Same<typeof closed, boolean>>();
  const statistics = jobs.statistics();
  is<Same<typeof statistics, ChannelStatistics>>();
  using sender = jobs.sender();
  is<Same<typeof sender, Sender<number>>>();
  using receiver = jobs.receiver();
  is<Same<typeof receiver, Receiver<number>>>();
  for await (const job of receiver) is<Same<typeof job, number>>();
  using own = new Channel<number>();
  own.close(new RangeError("over"));

  // Settings that a caller passes through may be undefined.
  const options: ChannelOptions = { name: undefined, overflow: undefined };
  const wait: WaitOptions = { signal: undefined, timeout: undefined };
  const biased: SelectOptions = { ...wait, biased: undefined };
  new Channel<number>(undefined, options);
  const policy: Overflow = "wait";
  await none.send(policy, wait);

  // @ts-expect-error wrong value
  await jobs.send("one");
  // @ts-expect-error wrong value for a permit
  permit.send("one");
  // @ts-expect-error the channel may have ended
  (await jobs.receive()).toFixed();
  // @ts-expect-error no such overflow
  new Channel<number>(1, { overflow: "explode" });
  // @ts-expect-error an unbounded channel never overflows
  Channel.unbounded<number>({ overflow: "wait" });
  // @ts-expect-error nor does the newest value have to wait
  Channel.latest<number>({ overflow: "drop-newest" });
  // @ts-expect-error closed is not the caller's to set
  jobs.closed = true;
  // @ts-expect-error a sending end does not receive
  await sender.receive();
  // @ts-expect-error a receiving end does not send
  await receiver.send(1);
  // @ts-expect-error a receiving end closes without an error
  receiver.close(new RangeError("over"));
  // @ts-expect-error milliseconds, not options
  jobs.receiveSync({ timeout: 5 });
  // @ts-expect-error a channel is made with new
  Channel<number>(1);
  return [newest, biased];
}

export async function broadcasts() {
  const news = new Broadcast<string>(16, { overflow: "drop-newest" });
  is<Same<typeof news, Broadcast<string>>>();
  using reader = news.receiver();
  is<Same<typeof reader, Receiver<string>>>();
  await news.send("a");
  const got = await reader.receive();
  is<Same<typeof got, string | undefined>>();
  // @ts-expect-error a broadcast has no receiver of its own: make one
  await news.receive();
  // @ts-expect-error nor can it be read
  for await (const _ of news);
  // @ts-expect-error wrong value
  news.trySend(1);
}

export function variance(animals: Channel<Animal>, dogs: Channel<Dog>, kennel: Broadcast<Dog>, zoo: Broadcast<Animal>) {
  const toDogs: Sender<Dog> = animals.sender();
  const alsoToDogs: Sender<Dog> = animals;
  const fromDogs: Receiver<Animal> = dogs.receiver();
  const alsoFromDogs: Receiver<Animal> = dogs;
  const toZoo: Sender<Dog> = zoo;
  const readsDogs: Receiver<Animal> = kennel.receiver();
  const dogPermit: Permit<Dog> = undefined as unknown as Permit<Animal>;
  // @ts-expect-error who sends any animal cannot be given a channel of dogs
  const unsound: Sender<Animal> = dogs;
  // @ts-expect-error nor an end of one
  const unsoundEnd: Sender<Animal> = dogs.sender();
  // @ts-expect-error nor a broadcast of dogs
  const unsoundNews: Sender<Animal> = kennel;
  // @ts-expect-error nor a place for a dog
  const unsoundPermit: Permit<Animal> = undefined as unknown as Permit<Dog>;
  // @ts-expect-error nor the other way round for receivers
  const alsoUnsound: Receiver<Dog> = animals;
  // @ts-expect-error nor for an end of one
  const unsoundReceiver: Receiver<Dog> = animals.receiver();
  // @ts-expect-error a channel is neither wider
  const wider: Channel<Animal> = dogs;
  // @ts-expect-error nor narrower
  const narrower: Channel<Dog> = animals;
  // @ts-expect-error a broadcast is not wider either
  const widerNews: Broadcast<Animal> = kennel;
  // @ts-expect-error a broadcast is no channel
  const channel: Channel<Dog> = kennel;
  // @ts-expect-error an end is no channel
  const whole: Channel<Dog> = dogs.sender();
  const clause: Clause<Animal | undefined> = dogs.receiving();
  // @ts-expect-error a clause gives what it gives
  const narrowClause: Clause<Dog | undefined> = animals.receiving();
  // @ts-expect-error the brand cannot be made by hand
  const forged: Clause<number> = {};
  return [
    [toDogs, alsoToDogs, fromDogs, alsoFromDogs, toZoo, readsDogs, dogPermit, clause],
    [unsound, unsoundEnd, unsoundNews, unsoundPermit, alsoUnsound, unsoundReceiver, wider, narrower, widerNews, channel, whole],
    [narrowClause, forged],
  ];
}

export async function selects(jobs: Channel<number>, news: Broadcast<string>, task: Task<Summary>) {
  const got = await select(
    {
      job: jobs.receiving(),
      text: news.sending("b"),
      tick: after(100),
      task,
      stop,
      lock,
      maybe: paused ? null : jobs.receiving(),
      never: null,
    },
    { biased: true, timeout: 5, signal: stop },
  );
  is<Same<typeof got.key, "job" | "text" | "tick" | "task" | "stop" | "lock" | "maybe">>();
  // @ts-expect-error the result is not narrowed
  got.value.toFixed();
  // @ts-expect-error a `null` clause is no case
  if (got.key === "never") return;
  // @ts-expect-error nor is a key that was not given
  if (got.key === "other") return;
  switch (got.key) {
    case "job":
    case "maybe":
      is<Same<typeof got.value, number | undefined>>();
      break;
    case "task":
      is<Same<typeof got.value, Summary>>();
      break;
    case "lock":
      is<Same<typeof got.value, Disposable>>();
      break;
    case "stop":
      is<Same<typeof got.value, unknown>>();
      break;
    case "text":
    case "tick":
      is<Same<typeof got.value, void>>();
      break;
    default:
      got satisfies never;
  }

  const one = await select({ job: jobs.receiving() });
  is<Same<typeof one, { readonly key: "job"; readonly value: number | undefined }>>();
  const ready: Selected<{ a: Task<number> }> | undefined = trySelect({ a: coroutines.run(() => 1) });
  const tried = trySelect({ job: jobs.receiving() }, { biased: true });
  is<Same<typeof tried, { readonly key: "job"; readonly value: number | undefined } | undefined>>();
  const nothing = trySelect({ never: null });
  is<Same<typeof nothing, undefined>>();
  is<Same<SelectedValue<Task<number>>, number>>();
  is<Same<SelectedValue<Clause<string>>, string>>();
  is<Same<SelectedValue<AbortSignal>, unknown>>();
  const many: Record<string, Selectable> = { a: jobs.receiving(), b: stop };
  const dynamic = await select(many);
  is<Same<typeof dynamic.key, string>>();

  // @ts-expect-error a bare promise cannot be left alone when it loses
  await select({ p: Promise.resolve(1) });
  // @ts-expect-error a channel is no clause: receiving or sending?
  await select({ jobs });
  // @ts-expect-error null disables, undefined is a slip of the pen
  await select({ job: undefined });
  // @ts-expect-error trySelect does not wait
  trySelect({ job: jobs.receiving() }, { timeout: 5 });
  // @ts-expect-error nothing may have been ready
  ready.value;
  // @ts-expect-error milliseconds
  after("5");
}

export async function rounds(jobs: Channel<number>) {
  using loop = new Select({ job: jobs.receiving(), out: jobs.sending(1), tick: after(10) }, { biased: true });
  const got = await loop.next({ timeout: 5 });
  is<Same<typeof got.key, "job" | "out" | "tick">>();
  if (got.key === "job") is<Same<typeof got.value, number | undefined>>();
  for await (const each of loop) {
    is<Same<typeof each, typeof got>>();
    if (each.key === "tick") break;
  }
  loop.set("job", null);
  loop.set("job", jobs.receiving());
  const open = new Select({ job: null as Clause<number | undefined> | null });
  open.set("job", jobs.receiving());
  // @ts-expect-error no such key
  loop.set("other", null);
  // @ts-expect-error a clause of another kind
  loop.set("job", jobs.sending(1));
  // @ts-expect-error the wait is a matter of each round
  new Select({ job: jobs.receiving() }, { timeout: 5 });
  // @ts-expect-error the order is a matter of the whole
  await loop.next({ biased: true });
}
