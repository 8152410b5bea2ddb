// A promise with the two functions that settle it: what somebody awaits who awaits a task or a parked operation, and
// what tasks that start together hang on.
//
// `Promise.withResolvers` is younger than the oldest Node that brigade runs on, and a closure per promise costs as much as the promise:
// one executor serves all, and hands the functions over through two variables.

const nobody = (): void => {};
let takenResolve: (value: never) => void = nobody;
let takenReject: (reason: unknown) => void = nobody;
const take = (resolve: (value: never) => void, reject: (reason: unknown) => void): void => {
  takenResolve = resolve;
  takenReject = reject;
};

export class Settlement<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise<T>(take);
    this.resolve = takenResolve as (value: T) => void;
    this.reject = takenReject;
    // What is not let go here would hold the promise, and whoever awaits it, until the next one.
    takenResolve = nobody;
    takenReject = nobody;
  }
}
