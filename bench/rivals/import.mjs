// A program that imports one module and ends: node import.mjs SPECIFIER
await import(process.argv[2] ?? "./empty.mjs");
