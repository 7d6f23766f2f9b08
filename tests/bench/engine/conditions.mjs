// Leaves as json-rules-engine's conditions. It knows no third value: each leaf is two rules, "surely true" and "surely
// false"; where neither fires it is undetermined. What a condition cannot say of a list is an operator of our own.

const at = (fact, path, operator, value) => ({ fact, path: `$.${path}`, operator, value });
const known = (condition) => ({ all: [{ ...condition, operator: 'notEqual', value: null }, condition] });

const counts = (entry, when, sure) => when.every(({ field, op, value, open }) => {
  const given = entry[field];
  if (given === null) return open || !sure;
  return op === '=' ? given === value : op === '!=' ? given !== value : op === '<=' ? given <= value
    : op === '>=' ? given >= value : op === '<' ? given < value : given > value;
});

export const operators = {
  surelyThere: ({ entries }, { when }) => entries.some((entry) => counts(entry, when, true)),
  surelyNone: (register, { when, through }) =>
    register.through >= through && !register.entries.some((entry) => counts(entry, when, false)),
  ratioAtLeast: (facts, { part, whole, p, q }) =>
    facts[part] !== null && facts[whole] !== null && facts[whole] > 0 && facts[part] * q >= facts[whole] * p,
  ratioBelow: (facts, { part, whole, p, q }) =>
    facts[part] !== null && facts[whole] !== null && facts[whole] > 0 && facts[part] * q < facts[whole] * p,
};

// [true, false]
function both(leaf) {
  const fact = (operator, value) => at('facts', leaf.fact, operator, value);
  switch (leaf.kind) {
  case 'flag': return [fact('equal', leaf.values[0]), known(fact('notEqual', leaf.values[0]))];
  case 'one_of': return [fact('in', leaf.values), known(fact('notIn', leaf.values))];
  case 'deadline': return [known(fact('lessThanInclusive', leaf.limit)), known(fact('greaterThan', leaf.limit))];
  case 'ratio': return ['ratioAtLeast', 'ratioBelow'].map((operator) => ({ fact: 'facts', operator, value: leaf }));
  case 'finding': {
    const by = at('findings', `${leaf.content}.found_by`, 'in', leaf.foundBy), path = `${leaf.content}.result`;
    return [{ all: [by, at('findings', path, 'in', leaf.accepts)] },
      { all: [by, known(at('findings', path, 'notIn', leaf.accepts))] }];
  }
  case 'completeness': {
    const there = { fact: 'documents', operator: 'notEqual', value: null };
    const each = Object.entries(leaf.required);
    return [{ all: [there, ...each.map(([name, state]) => at('documents', name, 'equal', state))] },
      { all: [there, { any: each.map(([name, state]) => at('documents', name, 'notEqual', state)) }] }];
  }
  default: {
    const there = { fact: 'registers', path: `$.${leaf.register}`, operator: 'surelyThere', value: leaf };
    const none = { ...there, operator: 'surelyNone' };
    return leaf.kind === 'count' ? [there, none] : [none, there];
  }
  }
}

export function toRules(leaves) {
  return leaves.flatMap((leaf, i) => both(leaf).map((condition, k) => ({
    conditions: condition.all || condition.any ? condition : { all: [condition] },
    event: { type: k === 0 ? 'true' : 'false', params: { leaf: i } },
  })));
}
