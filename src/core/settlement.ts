// The promise of a task that somebody awaits before it has a result, with the two functions that settle it.
const nothing = (): void => {};

export class Settlement {
  resolve: (value: unknown) => void = nothing;
  reject: (reason: unknown) => void = nothing;
  readonly promise: Promise<unknown>;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
