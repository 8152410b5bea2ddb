// The other side of the platform's own IPC: it gives back what comes, or says once for each `null` that it has come.
const [, , sinks] = process.argv;
process.on("message", (value) => {
  if (sinks === undefined || value === null) process.send?.(value);
});
