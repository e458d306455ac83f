/** Istio's golden cases once more, through the command line: flags, files, environment and text of the manifests. */
import { describe, expect, it } from 'vitest'
import { workspace } from '../packages/cli/testing/workspace.ts'
import type { Json } from '../packages/kube/src/index.ts'
import { comparable, comparableWebhookPod, withoutTemplateVersion } from './support/compare.ts'
import { controllerPods } from './support/controller-pods.ts'
import { documentsOf, meshOf } from './support/golden.ts'
import { type GoldenCase, openVectors, skipWithout, type Vectors } from './support/vectors.ts'

const flags = ['--injectConfigFile', 'config', '--valuesFile', 'values', '--meshConfigFile', 'mesh']

/** `proa inject` in a folder with the files of the case. */
async function inject(vectors: Vectors, golden: GoldenCase, input: string, args: readonly string[]) {
  const { proa } = workspace({
    'input.yaml': input,
    config: vectors.text(golden.template),
    values: vectors.text(golden.values),
    mesh: JSON.stringify(meshOf(vectors, golden)),
  })
  const { nativeSidecars, platform } = golden.features
  const env = { ...golden.env, ...(platform === undefined ? {} : { PLATFORM: platform }) }
  const native = ['--native-sidecars', String(nativeSidecars ?? false)]
  return proa(['inject', '-f', 'input.yaml', ...flags, ...native, ...args], { env })
}

async function manualHalf(vectors: Vectors, golden: GoldenCase, compat: string): Promise<void> {
  const input = vectors.text(golden.input)
  const { code, stdout, stderr } = await inject(vectors, golden, input, ['--compat', compat])
  if (golden.expectedError !== null) {
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.toLowerCase()).toContain(golden.expectedError)
    return
  }
  expect(code, stderr).toBe(0)
  const want = golden.want === null ? '' : vectors.text(golden.want)
  expect(withoutTemplateVersion(documentsOf(stdout).map(comparable))).toEqual(documentsOf(want).map(comparable))
  if (golden.expectedLog !== null) expect(stderr).toContain(golden.expectedLog)
  // Comments come through, whatever is injected around them.
  for (const comment of input.match(/^ *#.*$/gm) ?? []) expect(stdout).toContain(comment)
}

async function webhookHalf(vectors: Vectors, golden: GoldenCase, { compat, minor, revision }: Release): Promise<void> {
  const wanted = controllerPods(golden.want === null ? '' : vectors.text(golden.want), minor)
  for (const [index, { pod, namespace }] of controllerPods(vectors.text(golden.input), minor).entries()) {
    const asPod = (value: Json | undefined) => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...Object(value) })
    const place = namespace === '' ? [] : ['--namespace', namespace]
    const args = ['--as-webhook', '-o', 'json', '--compat', compat, '--revision', revision, ...place]
    const { code, stdout, stderr } = await inject(vectors, golden, asPod(pod), args)
    expect(code, stderr).toBe(0)
    const want: Json = JSON.parse(asPod(wanted[index]?.pod))
    expect(comparableWebhookPod(JSON.parse(stdout) as Json)).toEqual(comparableWebhookPod(want))
  }
}

interface Release {
  readonly compat: string
  readonly minor: number
  readonly revision: string
}

const releases: readonly Release[] = [
  { compat: '1.21', minor: 21, revision: 'default' },
  { compat: '1.8', minor: 8, revision: '' },
]

for (const release of releases) {
  const vectors = openVectors(release.compat)
  describe.skipIf(!vectors.present)(`proa inject as Istio ${release.compat}${vectors.note}`, () => {
    skipWithout(vectors)
    for (const golden of vectors.json('cases.json') as readonly GoldenCase[]) {
      if (!golden.skipInjection) it(`${golden.name}: manual`, () => manualHalf(vectors, golden, release.compat))
      if (!golden.skipWebhook && golden.expectedError === null) {
        it(`${golden.name}: as webhook`, () => webhookHalf(vectors, golden, release))
      }
    }
  })
}
