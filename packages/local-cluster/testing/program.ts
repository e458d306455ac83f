/** For tests: a program that stands in for an image. It says where it listens, and answers what it is asked. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [, , config = ''] = process.argv
const server = createServer((request, response) => {
  if (request.url === '/exit') process.exit(3)
  const answers: Record<string, () => string> = {
    '/ready': () => readFileSync(config, 'utf8'),
    '/env': () => JSON.stringify(process.env),
    '/kubeconfig': () => readFileSync(process.env.KUBECONFIG ?? '', 'utf8'),
  }
  const answer = answers[request.url ?? '']?.() ?? ''
  response.writeHead(answer.startsWith('no') ? 503 : 200).end(answer)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ msg: 'listening', port }))
})
process.on('SIGTERM', () => {
  console.log('stopping')
  server.close()
  server.closeAllConnections()
})
