import type { Cluster } from '../../cluster/cluster.ts'
import { shellWord } from '../../fixes/kubectl.ts'
import { type Backend, backendWorkloads } from '../../mesh/backends.ts'
import { annotationOf, labelOf } from '../../reading.ts'

/** How the objects of a control plane are written again, by what installed them as far as that can be seen. */
export function reinstallCommand(cluster: Cluster, backend: Backend): string {
  const { namespace } = backend
  const revision = backend.injectors[0].revision
  const revisionFlag = revision === 'default' ? '' : ` --set revision=${shellWord(revision)}`
  const workload = backendWorkloads(cluster, backend)[0]
  const release = annotationOf(workload?.owner, 'meta.helm.sh/release-name')
  const isProa =
    labelOf(workload?.owner, 'app.kubernetes.io/name') === 'proa-injector' || backend.name.startsWith('proa-injector')
  if (isProa && release === undefined) {
    return `proa install -n ${shellWord(namespace)}${revision === 'default' ? '' : ` --revision ${shellWord(revision)}`}`
  }
  if (release !== undefined) {
    const chart = isProa ? 'proa' : 'istio/istiod'
    return `helm -n ${shellWord(namespace)} upgrade ${shellWord(release)} ${chart} --reuse-values`
  }
  return `istioctl install --istioNamespace ${shellWord(namespace)}${revisionFlag}`
}
