// The declarations that ship and the contract agree, both ways. A difference shows up as the names that differ.
import type * as Built from "brigade";
import type * as BuiltLab from "brigade/lab";
import type * as BuiltShared from "brigade/shared";
import type * as BuiltTesting from "brigade/testing";
import type * as Contract from "./contract.d.ts";
import type * as LabContract from "./lab-contract.d.ts";
import type * as SharedContract from "./shared-contract.d.ts";
import type * as TestingContract from "./testing-contract.d.ts";

type Agree<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type AnyClass = abstract new (...args: never) => unknown;
/** Classes are compared by what the contract says of their instances: a private member would make any two classes differ, one more
 *  public member breaks nobody's code, and what the constructor of an error takes is nobody's contract. */
type AgreeAsValues<C, B> = C extends AnyClass
  ? B extends AnyClass
    ? Agree<Shown<InstanceType<C>, InstanceType<C>>, Shown<InstanceType<B>, InstanceType<C>>>
    : false
  : Agree<C, B>;
/** The members of `I` that `Contracted` has. */
type Shown<I, Contracted> = { [K in keyof I & keyof Contracted]: I[K] };

/** Compiles only when `Names` is empty. */
declare function none<Names extends never>(): Names;
/** Compiles only when `T` is true. */
declare function is<_T extends true>(): void;

type Missing = Exclude<keyof typeof Contract, keyof typeof Built>;
none<Missing>();

type Common = keyof typeof Contract & keyof typeof Built;
type Different = {
  [K in Common]: AgreeAsValues<(typeof Contract)[K], (typeof Built)[K]> extends true ? never : K;
}[Common];
none<Different>();

// Types have no list to walk through.
is<Agree<Contract.Executor, Built.Executor>>();
is<Agree<Contract.Executor<"thread">, Built.Executor<"thread">>>();
is<Agree<Contract.CloseOptions, Built.CloseOptions>>();
is<Agree<Contract.TaskOptions, Built.TaskOptions>>();
is<Agree<Contract.RetryOptions, Built.RetryOptions>>();
is<Agree<Contract.Backoff, Built.Backoff>>();
is<Agree<Contract.MapOptions, Built.MapOptions>>();
is<Agree<Contract.Results<Date>, Built.Results<Date>>>();
is<Agree<Contract.ExecutorStatistics, Built.ExecutorStatistics>>();
is<Agree<Contract.WorkerStatistics, Built.WorkerStatistics>>();
is<Agree<Contract.ExecutorOptions, Built.ExecutorOptions>>();
is<Agree<Contract.QueueOptions, Built.QueueOptions>>();
is<Agree<Contract.ThreadOptions, Built.ThreadOptions>>();
is<Agree<Contract.ProcessOptions, Built.ProcessOptions>>();
is<Agree<Contract.Permissions, Built.Permissions>>();
is<Agree<Contract.TaskState, Built.TaskState>>();
is<Agree<Contract.Outcome<Date>, Built.Outcome<Date>>>();
is<Agree<Contract.Task<Date>, Built.Task<Date>>>();
is<Agree<Contract.TaskMetrics, Built.TaskMetrics>>();
is<Agree<Contract.CurrentTask, Built.CurrentTask>>();
is<Agree<Contract.TaskGroupOptions, Built.TaskGroupOptions>>();
is<Agree<Contract.TaskGroup, Built.TaskGroup>>();
is<Agree<Contract.OpenTaskGroup, Built.OpenTaskGroup>>();
is<Agree<Contract.ScopeOptions, Built.ScopeOptions>>();
is<Agree<Contract.WaitOptions, Built.WaitOptions>>();
is<Agree<Contract.Overflow, Built.Overflow>>();
is<Agree<Contract.ChannelOptions, Built.ChannelOptions>>();
is<Agree<Contract.Sender<Date>, Built.Sender<Date>>>();
is<Agree<Contract.Permit<Date>, Built.Permit<Date>>>();
is<Agree<Contract.Receiver<Date>, Built.Receiver<Date>>>();
is<Agree<Contract.ChannelStatistics, Built.ChannelStatistics>>();
is<Agree<Contract.SelectOptions, Built.SelectOptions>>();
is<Agree<Contract.Guard, Built.Guard>>();
is<Agree<Contract.WriteGuard, Built.WriteGuard>>();
is<Agree<Contract.Lock, Built.Lock>>();
is<Agree<Contract.LockOptions, Built.LockOptions>>();
is<Agree<Contract.PermitOptions, Built.PermitOptions>>();
is<Agree<Contract.SerializableOptions<Date, number>, Built.SerializableOptions<Date, number>>>();

is<Agree<LabContract.CompareOptions, BuiltLab.CompareOptions>>();
is<Agree<typeof LabContract.compare, typeof BuiltLab.compare>>();
is<Agree<LabContract.Comparison, BuiltLab.Comparison>>();
is<Agree<LabContract.ComparisonRow, BuiltLab.ComparisonRow>>();
is<Agree<LabContract.Machine, BuiltLab.Machine>>();
// advice tells more than the contract asks for
is<BuiltLab.Advice extends LabContract.Advice ? true : false>();
is<typeof BuiltLab.advise extends typeof LabContract.advise ? true : false>();
is<Agree<LabContract.Verdict, BuiltLab.Verdict>>();
is<Agree<typeof LabContract.measureMatrix, typeof BuiltLab.measureMatrix>>();
is<Agree<LabContract.Matrix, BuiltLab.Matrix>>();
is<Agree<LabContract.MatrixRow, BuiltLab.MatrixRow>>();
is<Agree<typeof LabContract.verifyClaims, typeof BuiltLab.verifyClaims>>();
is<Agree<LabContract.ClaimsOptions, BuiltLab.ClaimsOptions>>();
is<Agree<LabContract.ClaimsReport, BuiltLab.ClaimsReport>>();
is<Agree<LabContract.Claim, BuiltLab.Claim>>();

type MissingShared = Exclude<keyof typeof SharedContract, keyof typeof BuiltShared>;
none<MissingShared>();
type DifferentShared = {
  [K in keyof typeof SharedContract & keyof typeof BuiltShared]: AgreeAsValues<
    (typeof SharedContract)[K],
    (typeof BuiltShared)[K]
  > extends true
    ? never
    : K;
}[keyof typeof SharedContract & keyof typeof BuiltShared];
// Where a class is a parameter or a member, its private parts let it agree one way only.
none<Exclude<DifferentShared, "SharedArena" | "SharedCondition" | "atomicCell">>();
is<Fits<SharedContract.SharedCondition, BuiltShared.SharedCondition>>();
type Fits<C, B> = [Shown<B, C>] extends [Shown<C, C>] ? true : false;
is<Fits<SharedContract.SharedArena, BuiltShared.SharedArena>>();
is<Agree<Parameters<typeof SharedContract.SharedArena.create>, Parameters<typeof BuiltShared.SharedArena.create>>>();
is<Agree<keyof SharedContract.SharedArena, keyof SharedContract.SharedArena & keyof BuiltShared.SharedArena>>();
is<Agree<SharedContract.TypedArray, BuiltShared.TypedArray>>();
is<Agree<SharedContract.FieldType, BuiltShared.FieldType>>();
is<Agree<SharedContract.ArenaOptions, BuiltShared.ArenaOptions>>();
is<Agree<SharedContract.RingOptions, BuiltShared.RingOptions>>();
is<Agree<SharedContract.AtomicCellOptions["maxBytes"], BuiltShared.AtomicCellOptions["maxBytes"]>>();
is<Agree<SharedContract.LockSync, BuiltShared.LockSync>>();
is<Agree<SharedContract.FieldValue<"i64">, BuiltShared.FieldValue<"i64">>>();
is<Agree<SharedContract.FieldValue<"bool">, BuiltShared.FieldValue<"bool">>>();
is<Agree<SharedContract.SharedStruct<{ x: "f64"; id: "u64" }>, BuiltShared.SharedStruct<{ x: "f64"; id: "u64" }>>>();
is<Agree<SharedContract.AtomicCell<Date>, BuiltShared.AtomicCell<Date>>>();
is<
  Agree<Shown<SharedContract.SharedCounter, SharedContract.SharedCounter>, Shown<BuiltShared.SharedCounter, SharedContract.SharedCounter>>
>();
is<
  Agree<
    Shown<SharedContract.SharedRing<Date>, SharedContract.SharedRing<Date>>,
    Shown<BuiltShared.SharedRing<Date>, SharedContract.SharedRing<Date>>
  >
>();
is<
  Agree<
    Shown<SharedContract.SharedMap<string, Date>, SharedContract.SharedMap<string, Date>>,
    Shown<BuiltShared.SharedMap<string, Date>, SharedContract.SharedMap<string, Date>>
  >
>();

type MissingTesting = Exclude<keyof typeof TestingContract, keyof typeof BuiltTesting>;
none<MissingTesting>();
is<Agree<typeof TestingContract.withVirtualClock, typeof BuiltTesting.withVirtualClock>>();
is<Agree<TestingContract.VirtualClock, BuiltTesting.VirtualClock>>();
is<Agree<TestingContract.ExploreOptions, BuiltTesting.ExploreOptions>>();
is<Agree<typeof TestingContract.exploreShared, typeof BuiltTesting.exploreShared>>();
is<Agree<typeof TestingContract.parseSchedule, typeof BuiltTesting.parseSchedule>>();
is<Agree<TestingContract.Exploration, BuiltTesting.Exploration>>();
