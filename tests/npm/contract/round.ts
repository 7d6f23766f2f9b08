// A round from its register to a published award by the client that hey-api generates, each step by the office whose step it is.
// tests/api/test_generated_client.py runs it against the service: `node built/round.js` with BASE, CAMPAIGN, YEAR, TODAY and
// a key of each role in the environment.
import { createClient, createConfig, type Client } from './hey/client/index.js';
import type { Award, ProblemType, VerdictPage, VerdictSummary } from './hey/types.gen.js';
import * as api from './hey/sdk.gen.js';

declare const process: { env: Record<string, string | undefined> };

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const caller = (key?: string): Client => createClient(createConfig({ baseUrl: setting('BASE'), ...(key ? { auth: key } : {}) }));
const admin = caller(setting('ADMIN'));
const home = caller(setting('HOME_AFFAIRS'));
const council = caller(setting('INITIATIVE_COUNCIL'));
const chair = caller(setting('CHAIR_OFFICE'));
const anyone = caller();
const round = { code: setting('CAMPAIGN'), year: Number(setting('YEAR')) };
const today = setting('TODAY');

type Answered<Body> = { data: Body; response: Response } | { data: undefined; error: unknown; response: Response };

// What was answered, and the version of it; a refusal ends the program by the problem's own words.
async function done<Body>(asked: Promise<Answered<Body>>): Promise<{ body: NonNullable<Body>; etag: string }> {
  const answer = await asked;
  if (!answer.data) throw new Error(`${answer.response.url} ${answer.response.status}: ${JSON.stringify('error' in answer ? answer.error : null)}`);
  return { body: answer.data, etag: answer.response.headers.get('ETag') ?? '' };
}

// Every item of a list, page by page.
async function all<Item>(read: (cursor?: string) => Promise<Answered<{ items: Array<Item>; next: string | null }>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Array<Item>; next: string | null } = (await done(read(cursor ?? undefined))).body;
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

async function makeUnits(): Promise<{ top: string; unit: string; own: Client }> {
  const since = { valid_from: '2020-01-01' };
  const top = await done(api.createUnit({ client: admin, body: { name: 'Sở Máy khách', kind: 'PROVINCIAL_BODY', ...since } }));
  const unit = await done(api.createUnit({ client: admin, body: { name: 'Văn phòng Máy khách', kind: 'PROVINCIAL_SUBUNIT', parent_id: top.body.id, ...since } }));
  const key = await done(api.createKey({ client: admin, body: { name: 'Sở Máy khách', roles: ['unit'], unit_id: top.body.id } }));
  return { top: top.body.id, unit: unit.body.id, own: caller(key.body.key) };
}

async function register(unit: string): Promise<void> {
  const path = { ...round, unit_id: unit };
  await done(api.putContestant({ client: home, path, body: { group: 'UNIT_UNDER_SO', on_assessed_list: false, advises_par: true, source_document: '12/QĐ-SNV' } }));
  const found = { score: '95', result: 'OUTSTANDING_LEADING', reason: 'Dẫn đầu khối', evidence: [] } as const;
  await done(api.putFinding({ client: home, path, body: { contents: (['A', 'B', 'C', 'D'] as const).map((content) => ({ content, ...found, evidence: [] })) } }));
  const findings = await all((cursor) => api.listFindings({ client: home, path: round, query: { limit: 1, ...(cursor ? { cursor } : {}) } }));
  if (!findings.some((finding) => finding.unit_id === unit && finding.total_score === '380.00')) throw new Error('the finding is not in its list');
}

async function recognise(unit: string, own: Client): Promise<void> {
  const year = round.year;
  const made = await done(api.createInitiative({ client: own, body: { unit_id: unit, title: 'Giải pháp', summary: 'Rút ngắn thời gian', kind: 'SOLUTION', applied_from: `${year}-03-01` } }));
  await done(api.recogniseInitiative({
    client: council, path: { id: made.body.id }, headers: { 'If-Match': made.etag },
    body: { council: 'PROVINCIAL', outcome: 'RECOGNISED', recognised_on: `${year + 1}-01-20`, decision_number: '88/QĐ-HĐSK' },
  }));
}

// hey-api makes JSON of every body but text and octets, unless it is told not to.
const asItIs = { bodySerializer: null };
const paper = (name: string): Blob => new Blob([`%PDF-1.4\n% ${name}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`], { type: 'application/pdf' });

async function nominate(top: string, unit: string, own: Client): Promise<void> {
  const { body: { id } } = await done(api.createDossier({ client: own, body: { campaign: round.code, year: round.year, nominator_unit_id: top } }));
  await done(api.nominate({ client: own, path: { id, unit_id: unit }, body: {} }));
  for (const document of ['TO_TRINH', 'MINUTES']) await done(api.putDocument({ client: own, path: { id, document }, body: paper(document), ...asItIs }));
  await done(api.putNomineeDocument({ client: own, path: { id, unit_id: unit, document: 'REPORT' }, body: paper('REPORT'), ...asItIs }));
  const file: Blob | File = (await done(api.getDocument({ client: own, path: { id, document: 'MINUTES' }, parseAs: 'blob' }))).body;
  if (!(await file.text()).startsWith('%PDF-')) throw new Error('another file came back');
  const written = await done(api.getDossier({ client: own, path: { id } }));
  const lodged = await done(api.moveDossier({ client: own, path: { id }, headers: { 'If-Match': written.etag }, body: { action: 'lodge' } }));
  await done(api.moveDossier({
    client: home, path: { id }, headers: { 'If-Match': lodged.etag },
    body: { action: 'accept', received_at: `${round.year}-12-20T09:00:00+07:00`, source: 'Sổ công văn đến' },
  }));
}

async function evaluate(unit: string): Promise<string> {
  for (const register of ['initiatives', 'discipline', 'proceedings', 'scores', 'awards'] as const) {
    const path = { ...round, register };
    const { etag } = await done(api.getRegister({ client: home, path }));
    await done(api.declareRegister({ client: home, path, headers: { 'If-Match': etag }, body: { complete: true, complete_through: today, source: 'Rà soát' } }));
  }
  const { body: evaluation } = await done(api.createEvaluation({ client: home, path: round, body: {} }));
  const summary = (await done(api.listVerdicts({ client: home, path: { id: evaluation.id }, query: { view: 'summary' } }))).body;
  const verdict = (summary.items as VerdictSummary[]).find((item) => item.unit_id === unit);
  if (verdict?.overall !== 'ELIGIBLE') throw new Error(`not eligible: ${JSON.stringify(verdict)}`);
  const full = (await done(api.listVerdicts({ client: home, path: { id: evaluation.id } }))).body as VerdictPage;
  if (!full.items.every((item) => item.criteria.every((criterion) => criterion.explanation.vi))) throw new Error('a criterion without an explanation');
  return evaluation.id;
}

async function decide(evaluation: string, unit: string): Promise<string> {
  const proposal = await done(api.createProposal({
    client: home, path: round, body: { evaluation_id: evaluation, letter_number: '1082/TTr-SNV', units: [{ unit_id: unit }] },
  }));
  await done(api.moveProposal({ client: home, path: { id: proposal.body.id }, headers: { 'If-Match': proposal.etag }, body: { action: 'submit' } }));
  const draft = await done(api.createDecision({ client: chair, body: { kind: 'AWARD', proposal_id: proposal.body.id } }));
  const path = { id: draft.body.id };
  const refused = await api.signDecision({ client: home, path, headers: { 'If-Match': draft.etag }, body: { number: '1/QĐ-UBND' } });
  const forbidden: ProblemType = 'urn:thidua:problem:forbidden';
  if (refused.response.status !== 403 || refused.error?.type !== forbidden) throw new Error('Home Affairs signs no decision');
  const signed = await done(api.signDecision({ client: chair, path, headers: { 'If-Match': draft.etag }, body: { number: `${Date.now() % 1e9}/QĐ-UBND` } }));
  await done(api.publishDecision({ client: chair, path, headers: { 'If-Match': signed.etag } }));
  return draft.body.id;
}

const { top, unit, own } = await makeUnits();
await register(unit);
await recognise(unit, own);
await nominate(top, unit, own);
const decision = await decide(await evaluate(unit), unit);
const awards: Award[] = await all((cursor) => api.listAwards({ client: anyone, query: { campaign: round.code, year: round.year, limit: 1, ...(cursor ? { cursor } : {}) } }));
const own_award = awards.find((award) => award.unit_id === unit);
if (own_award?.decision_id !== decision || own_award.state !== 'ACTIVE') throw new Error('the award is not published'); // V.3: now for everybody
console.log(JSON.stringify({ unit, decision, award: own_award.id }));
