import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { networkUse } from './network-commands.ts'

const shell = (command: string): JsonObject => ({ name: 'init', image: 'busybox:1.36', command: ['sh', '-c', command] })
const ofImage = (image: string, ...args: readonly string[]): JsonObject => ({ name: 'init', image, args: [...args] })

describe('a container needs a network', () => {
  it.each([
    ['git clone https://git.example.com/a.git /a', 'git clone', [443]],
    ['until nc -z db 5432; do sleep 1; done', 'nc -z', [5432]],
    ['until nslookup db.shop.svc; do sleep 2; done', 'nslookup', []],
    ['/scripts/wait-for-it.sh redis:6379 -- true', 'wait-for-it.sh', [6379]],
    ['dockerize -wait tcp://rabbit:5672 -timeout 60s', 'dockerize', [5672]],
    ['wget -qO- http://config:8888/app.yaml > /etc/app.yaml', 'wget', [8888]],
    ['curl -fs http://registry/ready', 'curl', [80]],
    ['pg_isready -h db -p 5433', 'pg_isready', [5433]],
    ['python manage.py migrate', 'manage.py migrate', []],
    ['vault agent -config=/a.hcl', 'vault agent', []],
  ])('for %s', (command, by, ports) => {
    expect(networkUse(shell(command))).toMatchObject({ in: 'command', ports })
    expect(networkUse(shell(command))?.by).toContain(by.split(' ')[0])
  })

  it.each([
    ['flyway/flyway:10', ['-url=jdbc:postgresql://db:5432/shop', 'migrate']],
    ['registry.k8s.io/git-sync/git-sync:v4.2.4', ['--repo=https://git.example.com/a']],
    ['hashicorp/vault', []],
    ['migrate/migrate@sha256:ab', ['-path', '/m', 'up']],
  ])('for the image %s', (image, args) => {
    expect(networkUse(ofImage(image, ...args))).toMatchObject({ in: expect.stringMatching(/image|command/) })
  })
})

describe('a container needs no network', () => {
  it.each([
    'cp -r /app /shared',
    'chown -R 1000 /data && echo curling',
    'curl http://localhost:8080/up',
    'wget -qO- http://127.0.0.1:15021/healthz/ready',
    'nc -l -p 8080',
    'git config --global user.name x',
    'sysctl -w net.core.somaxconn=1024',
    'openssl req -new -out /a.csr',
    '',
  ])('for %j', (command) => {
    expect(networkUse(shell(command))).toBeUndefined()
  })

  it('for an image of which another program is used', () => {
    expect(networkUse({ image: 'curlimages/curl:8', command: ['cp', '/usr/bin/jq', '/tools'] })).toBeUndefined()
    expect(networkUse({ image: 'shop/migrate-tool:1' })).toBeUndefined()
  })

  it('for what is no container', () => {
    for (const odd of [{}, { command: 5, args: {}, image: [] }, { command: [1, null] }]) {
      expect(networkUse(odd as JsonObject)).toBeUndefined()
    }
  })
})
