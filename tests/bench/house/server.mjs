// The usual way with npm, at its best: fastify and pg, one pool, one prepared statement, no logging, a worker a processor, and
// the JSON as PostgreSQL made it. The statement is the service's own.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import Fastify from 'fastify'
import pg from 'pg'

const { SOCKET, SQL } = process.env

if (cluster.isPrimary) {
  let listening = 0
  cluster.on('listening', (_worker, address) => {
    if (++listening === availableParallelism()) console.log(address.port)
  })
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
} else {
  const pool = new pg.Pool({ host: SOCKET, user: 'thidua_app', database: 'thidua', max: 4 })
  const app = Fastify()
  app.get('/v1/units/:id', async (request, reply) => {
    const { rows } = await pool.query({ name: 'unit_get', text: SQL, values: [request.params.id, request.query.on ?? null] })
    if (!rows.length) return reply.code(404).send()
    return reply.type('application/json').header('etag', `"${rows[0].version}"`).send(rows[0].shown)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
}
