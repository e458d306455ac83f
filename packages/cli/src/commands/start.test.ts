import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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
