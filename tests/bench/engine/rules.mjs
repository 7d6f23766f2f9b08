// The rule set as the engines under comparison need it: a flat list of leaves with constants put in, a record in plain
// JavaScript values, and the combination of leaves into an overall outcome, which is the same code for every engine.
//
// Truth is 0 false, 1 undetermined, 2 true, as in the engine of this project. None of the others knows three values, so
// each leaf asks for null itself. Dates and instants are local day numbers, decimals integers times 100.

const DAY = 86400000;

export function day(text) {
  if (text === null || text === undefined) return null;
  const instant = text.length === 10 ? Date.parse(text) : Date.parse(text) + 7 * 3600000;
  return Math.floor(instant / DAY);
}

function scaled(text) {
  const [whole, fraction = ''] = text.split('.');
  return Number(whole + fraction.padEnd(2, '0'));
}

function plain(type, value) {
  if (value === null || value === undefined) return null;
  if (type === 'date' || type === 'instant') return day(value);
  return type === 'decimal' ? scaled(value) : value;
}

export function record(rules, unit) {
  const facts = {}, registers = {}, findings = {};
  for (const [name, declared] of Object.entries(rules.facts)) facts[name] = plain(declared.type, unit.facts?.[name]?.value);
  for (const [name, declared] of Object.entries(rules.registers)) {
    const given = unit.registers?.[name];
    const entries = (given?.entries ?? []).map((entry) =>
      Object.fromEntries(Object.entries(declared.fields).map(([field, type]) => [field, plain(type, entry[field])])));
    // Declared complete through a day: -1 stands for not at all.
    registers[name] = { through: given?.complete ? day(given.complete_through) ?? -1 : -1, entries };
  }
  for (const name of Object.keys(rules.contents)) {
    const given = unit.findings?.[name];
    findings[name] = { result: given?.result ?? null, found_by: given?.found_by ?? null };
  }
  const documents = unit.documents ? {} : null;
  for (const name of Object.keys(rules.documents)) if (documents) documents[name] = unit.documents[name] ?? null;
  return { facts, registers, findings, documents };
}

function constant(operand, parameters) {
  if (operand === null || typeof operand !== 'object') return operand;
  const value = parameters[operand.param] ?? parameters[operand.or];
  if (value === undefined || value === null) throw new Error(`no value for ${operand.param}`);
  return value;
}

// What an entry's field must be. `open`: an unknown field counts as true ("still going on"), not as undetermined.
function conditions(rules, leaf, parameters) {
  const { fields } = rules.registers[leaf.register];
  const found = (leaf.where ?? []).map(({ field, op, value, values }) => {
    if (values) throw new Error('several values in a filter');
    const given = constant(value, parameters);
    return { field, op, value: fields[field] === 'date' && typeof given === 'string' ? day(given) : given };
  });
  if (leaf.window) {
    const { field, from_field = field, to_field = field, from, to } = leaf.window;
    found.push({ field: to_field, op: '>=', value: constant(from, parameters), open: from_field !== to_field });
    found.push({ field: from_field, op: '<=', value: constant(to, parameters) });
  }
  return found;
}

function flatLeaf(rules, leaf, parameters) {
  if (leaf.on_missing === 'false') throw new Error('on_missing');
  // `until` changes nothing here: for every record its day is over.
  const flat = { kind: leaf.kind, id: leaf.id };
  switch (leaf.kind) {
  case 'flag': return { ...flat, fact: leaf.fact, values: [leaf.value] };
  case 'one_of': return { ...flat, fact: leaf.fact, values: leaf.values };
  case 'ratio':
    if (leaf.op !== '>=' || leaf.whole_zero !== 'undetermined') throw new Error('ratio');
    return { ...flat, part: leaf.part, whole: leaf.whole, p: leaf.p, q: leaf.q };
  case 'finding': return { ...flat, content: leaf.content, accepts: leaf.accepts, foundBy: leaf.found_by };
  case 'completeness': return { ...flat, required: leaf.required };
  case 'deadline': {
    const limit = constant(leaf.limit, parameters) + (leaf.calendar_days ?? 0) - (leaf.bound === 'before' ? 1 : 0);
    if (leaf.working_days) throw new Error('working days');
    return { ...flat, fact: leaf.fact, limit };
  }
  case 'count': case 'absence': {
    if (leaf.kind === 'count' && (leaf.op !== '>=' || leaf.n !== 1)) throw new Error('count');
    const through = constant(leaf.complete_through ?? leaf.window.to, parameters);
    return { ...flat, register: leaf.register, through, when: conditions(rules, leaf, parameters) };
  }
  default: throw new Error(`no translation for ${leaf.kind}`);
  }
}

// The leaves in the order of the flat node array, and a function from their truths to the overall outcome.
export function flatten(rules, parameters) {
  const year = parameters.award_year;
  const known = { as_of: day(parameters.as_of), year_first_day: day(`${year}-01-01`), year_last_day: day(`${year}-12-31`) };
  for (const [name, value] of Object.entries(parameters.limits)) known[name] = day(value);
  const leaves = [];
  const walk = (node) => {
    if (!node) return undefined;
    const guard = walk(node.applies_when);
    let body;
    if (node.of) {
      const of = node.of.map(walk);
      if (!['all', 'any', 'not'].includes(node.kind)) throw new Error(node.kind);
      body = { kind: node.kind, of };
    } else {
      body = leaves.length;
      leaves.push(flatLeaf(rules, node, known));
    }
    return guard === undefined ? body : { kind: 'any', of: [{ kind: 'not', of: [guard] }, body] };
  };
  const criteria = rules.criteria.map((each) => ({
    guard: walk(each.applies_when), hold: walk(each.hold), requires: walk(each.requires) }));
  return { leaves, overall: combine(criteria) };
}

// Plain JavaScript: no engine pays for combining.
function combine(criteria) {
  const value = (node, t) => {
    if (typeof node === 'number') return t[node];
    if (node.kind === 'not') return 2 - value(node.of[0], t);
    let result = node.kind === 'all' ? 2 : 0;
    for (const child of node.of) {
      const v = value(child, t);
      if (node.kind === 'all' ? v < result : v > result) result = v;
    }
    return result;
  };
  return (t) => {
    let failed = false, deferred = false, pending = false;
    for (const { guard, hold, requires } of criteria) {
      const g = guard === undefined ? 2 : value(guard, t);
      const h = hold === undefined ? 0 : value(hold, t);
      const r = value(requires, t);
      if (g === 0 || (r === 2 && h === 0)) continue;
      if (g === 1) pending = true;
      else if (r === 0) failed = true;
      else if (h === 2) deferred = true;
      else pending = true;
    }
    return failed ? 'INELIGIBLE' : deferred ? 'DEFERRED' : pending ? 'PENDING' : 'ELIGIBLE';
  };
}
