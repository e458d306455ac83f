import { listAt, numberAt, objectsAt, textAt } from '../../reading.ts'
import { containerPath, type Proxied } from './proxied.ts'

export interface ProxyIds {
  readonly uids: readonly number[]
  readonly gids: readonly number[]
  /** Where that stands in the Pod. */
  readonly path: string
}

/** Uid and gid of the proxy where nothing in the Pod names others. */
const DEFAULT_ID = 1337

/**
 * Whose traffic is not redirected: the users and groups that istio-init (or istio-validation, for the CNI plugin) was told, else
 * those of the proxy. With TPROXY the proxy is root, and its group alone counts.
 */
export function proxyIds({ pod, proxy }: Pick<Proxied, 'pod' | 'proxy'>): ProxyIds {
  const init = objectsAt(pod, 'spec', 'initContainers').filter(
    ({ name }) => name === 'istio-init' || name === 'istio-validation',
  )
  const args = init.flatMap((container) => listAt(container, 'args').map(String))
  const own = (field: string): readonly number[] => {
    const id = numberAt(proxy, 'securityContext', field)
    return [id === undefined || id === 0 ? DEFAULT_ID : id]
  }
  const uids = idsAfter(args, '-u')
  // istio-iptables takes the uid for the gid when it is told no other (tools/common/config).
  return {
    uids: uids ?? own('runAsUser'),
    gids: idsAfter(args, '-g') ?? uids ?? own('runAsGroup'),
    path:
      uids === undefined
        ? `${containerPath(pod, 'istio-proxy')}.securityContext`
        : `${containerPath(pod, textAt(init[0], 'name'))}.args`,
  }
}

/** The numbers of a comma list after an option. */
function idsAfter(args: readonly string[], option: string): readonly number[] | undefined {
  const index = args.indexOf(option)
  const ids = (index === -1 ? '' : (args[index + 1] ?? '')).split(',').map((text) => text.trim())
  const numbers = ids.filter((text) => /^\d{1,10}$/.test(text)).map(Number)
  return numbers.length === 0 ? undefined : numbers
}
