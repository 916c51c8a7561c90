/** Started by `postgres.test.ts` as a program of its own: holds a server until it is killed. */
import { startPostgres } from "../../src/demo/postgres.ts";

const directory = process.argv[2];
if (directory === undefined) throw new Error("give the directory as argument");
const { url } = await startPostgres({ directory, persistent: true });
console.log(url);
