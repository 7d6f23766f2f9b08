// Leaves as one CEL list of [truth, what was observed]. Numbers are CEL doubles, as JavaScript's are.

const literal = (value) => typeof value === 'number' ? value.toFixed(1) : JSON.stringify(value);
const compare = { '=': '==', '!=': '!=', '<=': '<=', '>=': '>=', '<': '<', '>': '>' };
const three = (open, condition) => `${open} ? 1 : ${condition} ? 2 : 0`;
const list = (values) => `[${values.map(literal).join(', ')}]`;

function entry(when, sure) {
  return when.map(({ field, op, value, open }) => {
    const test = `e.${field} ${compare[op]} ${literal(value)}`;
    return sure && !open ? `(e.${field} != null && ${test})` : `(e.${field} == null || ${test})`;
  }).join(' && ');
}

export function celLeaf(leaf) {
  const fact = `facts.${leaf.fact}`;
  switch (leaf.kind) {
  case 'flag': return `[${three(`${fact} == null`, `${fact} == ${literal(leaf.values[0])}`)}, ${fact}]`;
  case 'one_of': return `[${three(`${fact} == null`, `${fact} in ${list(leaf.values)}`)}, ${fact}]`;
  case 'deadline': return `[${three(`${fact} == null`, `${fact} <= ${literal(leaf.limit)}`)}, ${fact}]`;
  case 'ratio': {
    const part = `facts.${leaf.part}`, whole = `facts.${leaf.whole}`;
    return `[${three(`${part} == null || ${whole} == null || ${whole} <= 0.0`,
      `${part} * ${literal(leaf.q)} >= ${whole} * ${literal(leaf.p)}`)}, ${part}]`;
  }
  case 'finding': {
    const result = `findings.${leaf.content}.result`, by = `findings.${leaf.content}.found_by`;
    return `[${three(`${result} == null || !(${by} in ${list(leaf.foundBy)})`, `${result} in ${list(leaf.accepts)}`)}, ${result}]`;
  }
  case 'completeness': {
    const all = Object.entries(leaf.required).map(([name, state]) => `documents.${name} == ${literal(state)}`).join(' && ');
    return `[${three('documents == null', all)}, null]`;
  }
  default: {
    const entries = `registers.${leaf.register}.entries`, through = `registers.${leaf.register}.through`;
    const [ifThere, ifNone] = leaf.kind === 'count' ? [2, 0] : [0, 2];
    return `${entries}.exists(e, ${entry(leaf.when, true)}) ? [${ifThere}, true] : ` +
      `${through} >= ${literal(leaf.through)} && !${entries}.exists(e, ${entry(leaf.when, false)}) ? [${ifNone}, false] : [1, false]`;
  }
  }
}
