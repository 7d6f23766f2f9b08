// Writes the usual way with npm, at their best: fastify and pg, one pool, prepared statements, no logging, a worker a processor.
// One transaction a request, with the service's own statements in its order; callers are not told apart.
import cluster from 'node:cluster'
import { createHash, randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import Fastify from 'fastify'
import pg from 'pg'

const statements = JSON.parse(process.env.STATEMENTS)
const { campaign, year, round, key, own_unit: ownUnit, office } = JSON.parse(process.env.GIVEN)

function journal(run, type, resource, unit, restricted, before, after) {
  return run('journal_append', 'KEY', key, '1', 'đo', 'admin', null, randomUUID(), type, resource, campaign, year, unit, restricted, null, before, after)
}

async function createUnit(run, request) {
  const id = randomUUID()
  await run('unit_create', id, JSON.stringify(request.body))
  const [{ shown, version }] = await run('unit_get', id, null)
  await journal(run, 'unit.created', `/v1/units/${id}`, id, false, null, shown)
  return { status: 201, shown, version }
}

async function createInitiative(run, request) {
  const given = request.headers['idempotency-key'].replaceAll('"', '')
  const body = JSON.stringify(request.body)
  const print = createHash('sha256').update(`POST\n/v1/initiatives\n${body}`).digest('hex')
  const [claim] = await run('idempotency_claim_key', key, given, print, 2, ownUnit)
  if (claim.status) return { status: Number(claim.status), shown: claim.body.toString(), version: 1 }
  await run('unit_scope', request.body.unit_id, ownUnit)
  const [{ id, version, json }] = await run('initiative_create', body)
  await journal(run, 'initiative.entered', `/v1/initiatives/${id}`, request.body.unit_id, true, null, json)
  await run('idempotency_keep_answer', key, given, print, 2, ownUnit, 'request', 201, 'application/json', String(version), `/v1/initiatives/${id}`, 'private, no-cache', false, Buffer.from(json))
  return { status: 201, shown: json, version }
}

async function putFinding(run, request) {
  const { unit } = request.params
  const units = JSON.stringify([unit])
  await run('round_unit_stake', unit, campaign, year, office, true)
  await run('round_hold_shared', campaign, year)
  const [before] = await run('finding_take', campaign, year, unit)
  await run('findings_beyond', campaign, JSON.stringify(request.body))
  await run('finding_clear', campaign, year, unit)
  await run('finding_fill', campaign, year, unit, JSON.stringify(request.body))
  const [now] = await run('findings_written', campaign, year, units)
  await journal(run, 'finding.changed', `${round}/findings/${unit}`, unit, true, before.json, now.json)
  return { status: 200, shown: now.json, version: now.version }
}

if (cluster.isPrimary) {
  let listening = 0
  cluster.on('listening', (_worker, address) => {
    if (++listening === availableParallelism()) console.log(address.port)
  })
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
} else {
  const pool = new pg.Pool({ host: process.env.SOCKET, user: 'thidua_app', database: 'thidua', max: 4 })
  const app = Fastify()
  const inTransaction = (write) => async (request, reply) => {
    const client = await pool.connect()
    const run = async (name, ...values) => (await client.query({ name, text: statements[name], values })).rows
    try {
      await client.query('BEGIN')
      const { status, shown, version } = await write(run, request)
      await client.query('COMMIT')
      return reply.code(status).type('application/json').header('etag', `"${version}"`).send(shown)
    } catch (fault) {
      await client.query('ROLLBACK')
      throw fault
    } finally {
      client.release()
    }
  }
  app.post('/v1/units', inTransaction(createUnit))
  app.post('/v1/initiatives', inTransaction(createInitiative))
  app.put(`${round}/findings/:unit`, inTransaction(putFinding))
  await app.listen({ port: 0, host: '127.0.0.1' })
}
