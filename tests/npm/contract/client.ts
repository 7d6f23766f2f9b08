// Compiled, never run: what a client written against the generated types may and may not say.
import type { components, operations, paths } from './generated.js';

type Unit = components['schemas']['Unit'];
type NewUnit = paths['/v1/units']['post']['requestBody']['content']['application/json'];
type Problem = components['schemas']['Problem'];
type Answer<Operation extends keyof operations> = operations[Operation]['responses'] extends { 200: { content: { 'application/json': infer Body } } } ? Body : never;

const entered: NewUnit = { name: 'Trung tâm Thử', kind: 'PROVINCIAL_BODY', valid_from: '2024-01-01' };
// @ts-expect-error: no such kind of unit
const kingdom: NewUnit = { name: 'x', kind: 'KINGDOM', valid_from: '2024-01-01' };
// @ts-expect-error: no such field
const coloured: NewUnit = { name: 'x', kind: 'OTHER', valid_from: '2024-01-01', colour: 'red' };
// @ts-expect-error: valid_from is needed
const timeless: NewUnit = { name: 'x', kind: 'OTHER' };

export const names = (page: Answer<'listUnits'>): string[] => (page.items as Unit[]).map((unit) => unit.name);
export const reasons = (problem: Problem): string[] => (problem.errors ?? []).map((error) => `${error.pointer}: ${error.detail}`);
export const sent = [entered, kingdom, coloured, timeless];
