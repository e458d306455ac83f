import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { workspace } from '../../testing/workspace.ts'

const NAMESPACES = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
`

function pod(name: string, expected: string, label = ''): string {
  return `---
# expect: ${expected}
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels:
    app: ${name}${label}
spec:
  containers:
    - name: ${name}
      image: registry.example/${name}
`
}

describe('proa start --once', () => {
  it('installs, injects, shows every Pod and ends well', async () => {
    const refuses = '\n    sidecar.istio.io/inject: "false"'
    const { folder, proa } = workspace({
      'all.yaml': NAMESPACES + pod('cart', 'injected') + pod('batch', 'skipped', refuses),
    })
    const { code, stdout, stderr } = await proa(['start', '--once', '--examples', '.'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^shop +cart +Pod +yes, native +\[istio-init istio-proxy\] cart +the Pod says nothing/m)
    expect(stdout).toMatch(/^shop +batch +Pod +no +batch +the Pod refuses it with the label/m)
    expect(stdout).toContain('2 Pods of 2 workloads: 1 injected, 1 skipped; everything as expected.')
    expect(existsSync(join(folder, '.proa/kubeconfig'))).toBe(false)
  })

  it('ends with 1 when a Pod does not come out as its example says', async () => {
    const { proa } = workspace({ 'all.yaml': NAMESPACES + pod('cart', 'skipped') })
    const { code, stdout } = await proa(['start', '--once', '--examples', '.'])
    expect(code).toBe(1)
    expect(stdout).toContain('yes, native (!)')
    expect(stdout).toContain('1 not as expected')
  })

  it('says so when there are no examples', async () => {
    const { proa } = workspace()
    const { code, stderr } = await proa(['start', '--once', '--examples', 'nowhere'])
    expect(code).toBe(2)
    expect(stderr).toContain('nowhere')
  })
})

describe('proa start', () => {
  it('takes everything down when it is told to stop before it is done', async () => {
    const { folder } = workspace({ 'all.yaml': NAMESPACES })
    const args = ['--conditions=proa:source', join(import.meta.dirname, '../main.ts'), 'start', '--examples', '.']
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    for await (const line of createInterface(child.stdout)) if (line.includes('local cluster at')) break
    expect(existsSync(join(folder, '.proa/kubeconfig'))).toBe(true)
    child.kill('SIGTERM')
    expect(await exited).toEqual([1, null])
    expect(existsSync(join(folder, '.proa/kubeconfig'))).toBe(false)
  })

  it.each([
    ['start', '--once', '--examples', '.'],
    ['local-cluster', '--port', '0'],
  ])('does not write over a kubeconfig of other clusters (%s)', async (...command) => {
    const mine = 'apiVersion: v1\nkind: Config\nclusters: [{ name: production, cluster: {} }]\n'
    const { folder, proa } = workspace({ 'all.yaml': NAMESPACES, config: mine })
    const { code, stderr } = await proa([...command, '--kubeconfig', 'config'])
    expect(code).toBe(2)
    expect(stderr).toContain('config: this file is not the kubeconfig of a local cluster')
    expect(readFileSync(join(folder, 'config'), 'utf8')).toBe(mine)
  })
})
