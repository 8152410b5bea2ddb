/** Sets an own property, whatever the prototype has under that name: `__proto__`, a setter, a read-only `constructor`. */
export function setOwn(target: object, key: string | number, value: unknown): void {
  if (key in target) Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: true });
  else (target as Record<string | number, unknown>)[key] = value;
}
