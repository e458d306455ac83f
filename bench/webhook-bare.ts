/** The least that a webhook of the same stack can do: parse the review, answer with a patch of a given size. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { selfSigned } from '../packages/webhook/testing/certificate.ts'

const patch = Buffer.alloc(Number(process.argv[2]), 'x').toString('base64')
const { certificate, privateKey } = selfSigned()
const options = { cert: certificate, key: privateKey, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const
const server = createServer(options, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request
    const answer = { uid, allowed: true, patch, patchType: 'JSONPatch' }
    const body = JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: answer })
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ msg: 'listening', https: `https://127.0.0.1:${port}` }))
})
