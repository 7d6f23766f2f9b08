// Reads the usual way with npm, at their best: fastify and pg, one pool, prepared statements, no logging, a worker a processor,
// and JSON as PostgreSQL made it. The statements are the service's own. What the service makes of packed verdicts this does not: it
// sends the same bytes as base64.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import Fastify from 'fastify'
import pg from 'pg'

const statements = JSON.parse(process.env.STATEMENTS)

if (cluster.isPrimary) {
  let listening = 0
  cluster.on('listening', (_worker, address) => {
    if (++listening === availableParallelism()) console.log(address.port)
  })
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
} else {
  const pool = new pg.Pool({ host: process.env.SOCKET, user: 'thidua_app', database: 'thidua', max: 4, options: process.env.PGOPTIONS })
  const app = Fastify()
  const run = async (name, ...values) => (await pool.query({ name, text: statements[name], values })).rows
  const packed = (row) => ({ ...row, facts: row.facts.toString('base64'), results: row.results.toString('base64') })
  const send = (reply, row) => (row ? reply.type('application/json').header('etag', `"${row.version}"`).send(row.body ?? row.shown) : reply.code(404).send())
  const { ROLES: roles } = process.env
  app.get('/v1/units/:id', async ({ params, query }, reply) => send(reply, (await run('unit_get', params.id, query.on ?? null))[0]))
  app.get('/v1/units', async ({ query }, reply) => send(reply, (await run('unit_list', query.on ?? null, null, null, null, null, null, query.limit))[0]))
  app.get('/v1/campaigns/:code/rounds/:year/verdicts/:unit', async ({ params }, reply) => {
    const [row] = await run('unit_verdict', params.code, params.year, params.unit, 'true', null)
    return row ? reply.send(packed(row)) : reply.code(404).send()
  })
  app.get('/v1/campaigns/:code/rounds/:year/board', async ({ params }, reply) => {
    const [{ json }] = await run('board_frame', params.code, params.year, roles, null)
    const board = JSON.parse(json)
    const rows = await run('board_rows', board.latest_evaluation.id, params.code, params.year, 'true', null, '201')
    return reply.send({ ...board, matrix: rows.map(packed) })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
}
