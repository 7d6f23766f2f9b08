// Leaves as JSON Logic: each [truth, what was observed]. Used by json-logic-js and json-logic-engine alike.
//
// The witness of a register is whether an entry surely counts, which is less than the number that our engine gives.

const isNull = (value) => ({ '===': [value, null] });
const three = (open, condition) => ({ if: [open, 1, condition, 2, 0] });

const compare = { '=': '===', '!=': '!==', '<=': '<=', '>=': '>=', '<': '<', '>': '>' };

// Inside some and none the variables are those of the entry. sure: counts whatever is unknown; else: may count.
function entry(when, sure) {
  return { and: when.map(({ field, op, value, open }) => {
    const test = { [compare[op]]: [{ var: field }, value] };
    return sure && !open ? { and: [{ '!==': [{ var: field }, null] }, test] } : { or: [isNull({ var: field }), test] };
  }) };
}

function registerLeaf({ kind, register, through, when }) {
  const entries = { var: `registers.${register}.entries` };
  const there = { some: [entries, entry(when, true)] };
  const none = { and: [{ '>=': [{ var: `registers.${register}.through` }, through] },
    { none: [entries, entry(when, false)] }] };
  const [ifThere, ifNone] = kind === 'count' ? [2, 0] : [0, 2];
  return { if: [there, [ifThere, true], none, [ifNone, false], [1, false]] };
}

function leafLogic(leaf) {
  const fact = { var: `facts.${leaf.fact}` };
  switch (leaf.kind) {
  case 'flag': return [three(isNull(fact), { '===': [fact, leaf.values[0]] }), fact];
  case 'one_of': return [three(isNull(fact), { in: [fact, leaf.values] }), fact];
  case 'deadline': return [three(isNull(fact), { '<=': [fact, leaf.limit] }), fact];
  case 'ratio': {
    const part = { var: `facts.${leaf.part}` }, whole = { var: `facts.${leaf.whole}` };
    const open = { or: [isNull(part), isNull(whole), { '<=': [whole, 0] }] };
    return [three(open, { '>=': [{ '*': [part, leaf.q] }, { '*': [whole, leaf.p] }] }), part];
  }
  case 'finding': {
    const result = { var: `findings.${leaf.content}.result` }, by = { var: `findings.${leaf.content}.found_by` };
    return [three({ or: [isNull(result), { '!': [{ in: [by, leaf.foundBy] }] }] }, { in: [result, leaf.accepts] }), result];
  }
  case 'completeness': {
    const all = Object.entries(leaf.required).map(([name, state]) => ({ '===': [{ var: `documents.${name}` }, state] }));
    return [three(isNull({ var: 'documents' }), { and: all }), null];
  }
  default: return registerLeaf(leaf);
  }
}

export const toLogic = (leaves) => leaves.map(leafLogic);
