// Work that a module starts while a worker imports it. Admission notices it, the host has to know: the tasks that asked for that module
// must fail. Between the two, so that a worker starts without admission.

let report: ((url: string, error: unknown) => void) | undefined;

/** A worker's host asks to be told. */
export function onWorkAtImport(listener: (url: string, error: unknown) => void): void {
  report = listener;
}

/** The module at `url` has started work, which is refused with `error`. */
export function workAtImport(url: string, error: unknown): void {
  report?.(url, error);
}
