// Leaves as ZEN expressions of one expression node: each leaf its truth and what was observed.

const literal = (value) => typeof value === 'string' ? `'${value}'` : String(value);
const compare = { '=': '==', '!=': '!=', '<=': '<=', '>=': '>=', '<': '<', '>': '>' };
const three = (open, condition) => `(${open}) ? 1 : ((${condition}) ? 2 : 0)`;
const list = (values) => `[${values.map(literal).join(', ')}]`;

function entry(when, sure) {
  return when.map(({ field, op, value, open }) => {
    const test = `#.${field} ${compare[op]} ${literal(value)}`;
    return sure && !open ? `(#.${field} != null and ${test})` : `(#.${field} == null or ${test})`;
  }).join(' and ');
}

function truthAndObserved(leaf) {
  const fact = `facts.${leaf.fact}`;
  switch (leaf.kind) {
  case 'flag': return [three(`${fact} == null`, `${fact} == ${literal(leaf.values[0])}`), fact];
  case 'one_of': return [three(`${fact} == null`, `${fact} in ${list(leaf.values)}`), fact];
  case 'deadline': return [three(`${fact} == null`, `${fact} <= ${literal(leaf.limit)}`), fact];
  case 'ratio': {
    const part = `facts.${leaf.part}`, whole = `facts.${leaf.whole}`;
    return [three(`${part} == null or ${whole} == null or ${whole} <= 0`, `${part} * ${leaf.q} >= ${whole} * ${leaf.p}`), part];
  }
  case 'finding': {
    const result = `findings.${leaf.content}.result`, by = `findings.${leaf.content}.found_by`;
    return [three(`${result} == null or ${by} not in ${list(leaf.foundBy)}`, `${result} in ${list(leaf.accepts)}`), result];
  }
  case 'completeness': {
    const all = Object.entries(leaf.required).map(([name, state]) => `documents.${name} == ${literal(state)}`).join(' and ');
    return [three('documents == null', all), 'null'];
  }
  default: {
    const entries = `registers.${leaf.register}.entries`, through = `registers.${leaf.register}.through`;
    const there = `some(${entries}, ${entry(leaf.when, true)})`;
    const none = `${through} >= ${leaf.through} and none(${entries}, ${entry(leaf.when, false)})`;
    const [ifThere, ifNone] = leaf.kind === 'count' ? [2, 0] : [0, 2];
    return [`(${there}) ? ${ifThere} : ((${none}) ? ${ifNone} : 1)`, there];
  }
  }
}

export function zenDecision(leaves) {
  const expressions = leaves.flatMap((leaf, i) => {
    const [truth, observed] = truthAndObserved(leaf);
    return [{ id: `t${i}`, key: `t${i}`, value: truth }, { id: `o${i}`, key: `o${i}`, value: observed }];
  });
  return {
    nodes: [
      { id: 'in', name: 'in', type: 'inputNode', position: { x: 0, y: 0 } },
      { id: 'leaves', name: 'leaves', type: 'expressionNode', position: { x: 0, y: 0 }, content: { expressions } },
      { id: 'out', name: 'out', type: 'outputNode', position: { x: 0, y: 0 } },
    ],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'leaves' },
      { id: 'b', type: 'edge', sourceId: 'leaves', targetId: 'out' },
    ],
  };
}
