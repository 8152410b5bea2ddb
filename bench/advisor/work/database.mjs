// SQLite in WebAssembly: a table that every worker builds for itself, and queries on it.
import initSqlJs from "sql.js";

const SQL = await initSqlJs();
const database = new SQL.Database();
database.run("create table sale (id integer, shop text, amount real)");
const insert = database.prepare("insert into sale values (?, ?, ?)");
for (let id = 0; id < 5000; id++) insert.run([id, `shop ${id % 97}`, (id * 7919) % 1000]);
insert.free();

/** @param {number} least */
export function sumByShop(least) {
  return database.exec(
    `select shop, sum(amount), count(*) from sale where amount > ${Number(least)} group by shop order by 2 desc limit 5`,
  );
}
