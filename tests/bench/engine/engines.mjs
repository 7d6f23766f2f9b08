// Each engine: rules in, a function from a record to the truths of the leaves out; `witness` says what else it gives.
import { ZenEngine } from '@gorules/zen-engine';
import { Environment } from '@marcbachmann/cel-js';
import { LogicEngine } from 'json-logic-engine';
import jsonLogic from 'json-logic-js';
import { Engine, Rule } from 'json-rules-engine';
import { celLeaf } from './cel.mjs';
import { operators, toRules } from './conditions.mjs';
import { toLogic } from './logic.mjs';
import { zenDecision } from './zen.mjs';

const truths = (pairs) => {
  const t = new Array(pairs.length);
  for (let i = 0; i < pairs.length; i++) t[i] = Number(pairs[i][0]);
  return t;
};

export const engines = {
  'json-logic-engine-compiled': (leaves) => {
    const run = new LogicEngine().build(toLogic(leaves));
    return (record) => truths(run(record));
  },
  'json-logic-engine': (leaves) => {
    const engine = new LogicEngine(), logic = toLogic(leaves);
    return (record) => truths(engine.run(logic, record));
  },
  'json-logic-js': (leaves) => {
    const logic = toLogic(leaves);
    return (record) => truths(jsonLogic.apply(logic, record));
  },
  'cel-js': (leaves) => {
    const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
    const programs = leaves.map((leaf) => environment.parse(celLeaf(leaf)));
    return (record) => truths(programs.map((program) => program(record)));
  },
  'zen-engine': (leaves) => {
    const decision = new ZenEngine().createDecision(zenDecision(leaves));
    return async (record) => {
      const { result } = await decision.evaluate(record);
      return leaves.map((_, i) => result[`t${i}`]);
    };
  },
  'json-rules-engine': (leaves) => {
    const engine = new Engine([], { allowUndefinedFacts: true });
    for (const [name, operator] of Object.entries(operators)) engine.addOperator(name, operator);
    for (const rule of toRules(leaves)) engine.addRule(new Rule(rule));
    return async (record) => {
      const t = new Array(leaves.length).fill(1);
      const { events } = await engine.run(record);
      for (const { type, params } of events) t[params.leaf] = type === 'true' ? 2 : 0;
      return t;
    };
  },
};
