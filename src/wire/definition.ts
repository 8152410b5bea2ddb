// The line to write instead: how a function that was refused would be defined as a portable one.

/** `export const work = portable("work", async (…) => { … });`, by the form of the source. */
export function definitionOf(name: string, source: string): string {
  return `export const ${name} = portable("${name}", ${bodyOf(name, source)});`;
}

/** The shape of the definition that would be portable: `async (…) => { … }` for such a function, and so on. */
function bodyOf(name: string, source: string): string {
  // Bound and built-in functions have no source of their own; something has to call them.
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return `(...args) => ${name}(...args)`;
  if (/^class\b/.test(source)) return `class ${name} { … }`;
  const async = /^async\b/.test(source) ? "async " : "";
  if (/^(?:async\s+)?(?:function\s*)?\*/.test(source)) return `${async}function* ${name}(…) { … }`;
  if (/^(?:async\s+)?function\b/.test(source)) return `${async}function ${name}(…) { … }`;
  return `${async}(…) => { … }`;
}
