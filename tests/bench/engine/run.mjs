// run.mjs ENGINE RULE_SET PARAMETERS UNITS RESULTS ROUNDS: as judge.c, with one of engines.mjs. Records are decoded
// before the clock starts; before it a first pass warms the compiler up.
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { engines } from './engines.mjs';
import { flatten, record } from './rules.mjs';

const [name, rulesPath, parametersPath, unitsPath, resultsPath, rounds] = process.argv.slice(2);
const rules = JSON.parse(readFileSync(rulesPath));
const { leaves, overall } = flatten(rules, JSON.parse(readFileSync(parametersPath)));
const records = [];
for await (const line of createInterface({ input: createReadStream(unitsPath) })) records.push(record(rules, JSON.parse(line)));

const judge = engines[name](leaves);
const waits = judge(records[0]) instanceof Promise;
const results = [];
for (const each of records) {
  const t = waits ? await judge(each) : judge(each);
  results.push(`${t.join('')} ${overall(t)}\n`);
}
writeFileSync(resultsPath, results.join(''));

let best = Infinity, sum = 0;
for (let round = 0; round < Number(rounds); round++) {
  const start = process.hrtime.bigint();
  if (waits) for (const each of records) sum += overall(await judge(each)).length;
  else for (const each of records) sum += overall(judge(each)).length;
  best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
}
console.log(`${records.length} ${leaves.length} ${leaves.length} ${best.toFixed(9)}`);
