import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { inspect } from "../../../src/wire/entry-module.ts";
import { ProgramDirectory, prelude, printed, wireModule } from "./programs.ts";

const job = `const job = portable("job", () => 1);\n`;
const refused = /^NotPortableError: "job" cannot run on level "\w+": it is defined in the program's entry file, .*run the program again/;

async function entry(text: string, name = "main.mjs", args: readonly string[] = []): Promise<string> {
  using directory = new ProgramDirectory();
  // Awaited here: the directory goes when this function returns.
  return await printed([...args, directory.write(name, text)], { cwd: directory.path });
}

describe("a function of the program's entry file", { concurrency: 2 }, () => {
  test("is refused without a guard, with the fix", async () => {
    const text = await entry(`${prelude}${job}console.log(attempt(job));`);
    assert.match(text, refused);
    assert.match(text, /if \(isMainLevel\(\)\) \{ … \}, or move "job" to a module of its own\.$/);
  });

  test("travels when the file asks isMainLevel()", async () => {
    assert.match(await entry(`${prelude}${job}if (isMainLevel()) console.log(attempt(job));`), /main\.mjs","name":"job"/);
  });

  test("travels when it asks later than the first refusal", async () => {
    assert.match(await entry(`${prelude}${job}attempt(job); if (isMainLevel()) console.log(attempt(job));`), /"name":"job"/);
  });

  test("is refused when only another module asks isMainLevel()", async () => {
    using directory = new ProgramDirectory();
    directory.write("other.mjs", `${prelude}isMainLevel();`);
    assert.match(
      await printed([directory.write("main.mjs", `${prelude}import "./other.mjs";\n${job}console.log(attempt(job));`)]),
      refused,
    );
  });

  test("travels behind another guard of the language", async () => {
    assert.match(await entry(`${prelude}${job}if (import.meta.filename === process.argv[1]) console.log(attempt(job));`), /"name":"job"/);
  });

  test("behind isMainThread it travels to threads and not to processes", async () => {
    const text = `${prelude}import { isMainThread } from "node:worker_threads";\n${job}if (isMainThread) console.log(attempt(job), "|", attempt(job, "process"));`;
    const [thread = "", child = ""] = (await entry(text)).split(" | ");
    assert.match(thread, /"name":"job"/);
    assert.match(child, refused);
    assert.match(child, /isMainThread is true in a child process/);
  });

  test("a CommonJS entry: refused, and let through with require.main", async () => {
    const load = `Promise.all(${JSON.stringify(["portable", "require-reference"].map(wireModule))}.map((url) => import(url))).then(([{ portable }, { requireReference }]) => {
      const job = portable("job", () => 1);
      try { console.log(JSON.stringify(requireReference(job, "process"))); } catch (error) { console.log(error.name + ": " + error.message); }
    });`;
    assert.match(await entry(load, "main.cjs"), refused);
    assert.match(await entry(`if (require.main === module) {\n${load}\n}`, "main.cjs"), /main\.cjs","name":"job"/);
  });

  test("is known through a symbolic link, and without its extension", { skip: process.platform === "win32" }, async () => {
    using directory = new ProgramDirectory();
    directory.write("real/main.mjs", `${prelude}${job}console.log(attempt(job));`);
    symlinkSync(join(directory.path, "real"), join(directory.path, "linked"));
    assert.match(await printed([join(directory.path, "linked", "main.mjs")]), refused);
    directory.write("app/index.js", `import(${JSON.stringify(directory.url("app/tasks.mjs"))})`);
    directory.write("app/tasks.mjs", `${prelude}${job}console.log(attempt(job));`);
    assert.match(await printed([join(directory.path, "app")]), /tasks\.mjs","name":"job"/);
  });

  test("under tsx too", async () => {
    const text = `${prelude.replace("(fn, level", "(fn: unknown, level: any")}${job}const typed: string = attempt(job); console.log(typed);`
      .replace("error.name", "(error as Error).name")
      .replace("error.message", "(error as Error).message");
    using directory = new ProgramDirectory();
    assert.match(await printed(["--import", import.meta.resolve("tsx"), directory.write("main.mts", text)]), refused);
  });

  test("of a bundle that holds brigade only isMainLevel() lets it through", async () => {
    using directory = new ProgramDirectory();
    const bundle = async (name: string, body: string, format: "esm" | "cjs") => {
      const outfile = join(directory.path, name);
      // Bundlers take paths, not URLs.
      const imports = prelude.replace(/"file:[^"]+"/g, (url) => JSON.stringify(fileURLToPath(JSON.parse(url))));
      const source = directory.write(`src-${name}.mjs`, `${imports}${job}${body}`);
      await build({ entryPoints: [source], bundle: true, minify: true, platform: "node", format, outfile, logLevel: "silent" });
      return printed([outfile]);
    };
    const bare = await bundle("bare.mjs", "if (process.argv[1]) console.log(attempt(job));", "esm");
    assert.match(bare, refused);
    assert.match(bare, /an entry of their own in the bundler's configuration/);
    assert.match(await bundle("guarded.mjs", "if (isMainLevel()) console.log(attempt(job));", "esm"), /guarded\.mjs","name":"job"/);
    assert.match(await bundle("guarded.cjs", "if (isMainLevel()) console.log(attempt(job));", "cjs"), /guarded\.cjs","name":"job"/);
  });
});

describe("code that came from no file works here, and says why it cannot travel", { concurrency: 2 }, () => {
  const text = `${prelude}${job}console.log(job(), attempt(job));`;
  const why =
    /^1 NotPortableError: "job" cannot run on level "thread": its module is not known, because the code was evaluated as .*portable\(import\.meta, "job", fn\)\.$/;
  const dynamic = `import(${JSON.stringify(wireModule("portable"))}).then(async ({ portable }) => {
    const { requireReference } = await import(${JSON.stringify(wireModule("require-reference"))});
    const job = portable("job", () => 1);
    try { requireReference(job, "thread"); } catch (error) { console.log(job(), error.name + ": " + error.message); }
  });`;

  test("node -e", async () => assert.match(await printed(["-e", dynamic]), why));
  test("node --input-type=module -e", async () => assert.match(await printed(["--input-type=module", "-e", text]), why));
  test("standard input", async () => assert.match(await printed(["-"], { input: dynamic }), why));
  test("standard input as a module", async () => assert.match(await printed(["--input-type=module", "-"], { input: text }), why));
  test("the REPL", async () => {
    using directory = new ProgramDirectory();
    // Loaded beforehand: the REPL ends with its input and waits for no import.
    directory.write("preload.mjs", `${prelude}Object.assign(globalThis, { portable, attempt });`);
    const input = 'const job = portable("job", () => 1);\nconsole.log(job(), attempt(job));\n';
    const shown = await printed(["--import", directory.url("preload.mjs"), "-i"], { input });
    assert.match(
      shown,
      /1 NotPortableError: "job" cannot run on level "thread": its module is not known, because the code was evaluated as "REPL1"/,
    );
  });
});

test("names in comments and imports are no guards", () => {
  const quiet = { bundle: false, guard: false, threadGuard: false };
  assert.deepEqual(
    inspect('// if (isMainThread)\n/* require.main */\n * import.meta.main\nimport { isMainThread } from "node:worker_threads";\n'),
    quiet,
  );
  assert.deepEqual(inspect("if (!import.meta.main) throw 1;"), { ...quiet, guard: true });
  assert.deepEqual(inspect("isMainThread && main();"), { ...quiet, threadGuard: true });
});
