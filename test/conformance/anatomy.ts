// What must be the same of an error on every level, as plain data.

/** An error as data: everything that must be the same on every level. */
export function anatomy(error: unknown, seen: readonly unknown[] = []): unknown {
  if (!(error instanceof Error)) return error;
  if (seen.includes(error)) return "itself";
  const inner = [...seen, error];
  const own = Object.fromEntries(
    Object.entries(error)
      .filter(([key]) => key !== "self")
      .map(([key, value]) => [key, anatomy(value, inner)]),
  );
  return {
    name: error.name,
    message: error.message,
    builtIn: [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError, DOMException].find(
      (Class) => error instanceof Class,
    )?.name,
    text: String(error),
    own,
    self: "self" in error ? anatomy(error.self, inner) : undefined,
    cause: "cause" in error ? [anatomy(error.cause, inner)] : undefined,
    errors: error instanceof AggregateError ? error.errors.map((each: unknown) => anatomy(each, inner)) : undefined,
  };
}
