// The environment of a child.

/** What a child under permissions gets of the environment: what a runtime needs to work at all, and nothing that may be a
 *  secret or (NODE_OPTIONS) a way to more rights. */
const allowed = new Set(
  (
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM NO_COLOR FORCE_COLOR TMPDIR TEMP TMP NODE_ENV NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR " +
    "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA NUMBER_OF_PROCESSORS"
  ).split(" "),
);

/** Node's own wiring of a parent with an IPC channel or of `node:cluster`: a child that saw them would talk to its
 *  grandparent. */
const wiring = ["NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE", "NODE_UNIQUE_ID"];

/** `given` when given; else this program's own, or with `restricted` an allow-list of it. */
export function childEnvironment(given: Readonly<Record<string, string>> | undefined, restricted: boolean): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(given ?? process.env)) {
    const key = name.toUpperCase();
    // Names differ by case except on Windows, where `Path` is PATH.
    const listed = allowed.has(process.platform === "win32" ? key : name) || name.startsWith("LC_");
    if (value !== undefined && !wiring.includes(key) && (given !== undefined || !restricted || listed)) environment[name] = value;
  }
  return environment;
}
