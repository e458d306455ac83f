import { type Cluster, objectName, remembered } from '../cluster/cluster.ts'
import type { Text } from '../language.ts'
import { injectorTitle } from '../mesh/injectors.ts'
import { type Revision, revisionBehind, revisions } from '../mesh/revisions.ts'
import { timeText } from '../reading.ts'
import type { CertificateRow } from '../report.ts'
import { authorityOf } from './authority-secrets.ts'
import type { Bundle } from './bundle.ts'
import type { Certificate } from './certificate.ts'
import { injectorBundles, ROOT_CONFIG_MAP, rootConfigMaps, servedChains } from './places.ts'

/** Everything that has to fit together, per revision: bundles, the root in the namespaces, what is served, the authority. */
export const certificateTable: (cluster: Cluster) => readonly CertificateRow[] = remembered((cluster) =>
  revisions(cluster).flatMap((revision) => [
    ...bundleRows(cluster, revision),
    ...servedRows(cluster, revision),
    ...secretRows(cluster, revision),
    ...rootRows(cluster, revision),
  ]),
)

type Place = Pick<CertificateRow, 'revision' | 'place' | 'where'>

function rowsOf(place: Place, { certificates, problems, empty }: Bundle, now: Date): readonly CertificateRow[] {
  const [problem] = problems
  const rows = certificates.map((one): CertificateRow => {
    const ended = dateProblem(one, now)
    return { ...place, ...factsOf(one), ...(ended === undefined ? {} : { problem: ended }) }
  })
  const unreadable = empty ? EMPTY : problem?.text
  return unreadable === undefined ? rows : [...rows, { ...place, ...NOTHING, problem: unreadable }]
}

const NOTHING = { subject: '', issuer: '', notAfter: '', fingerprint: '' } as const
const EMPTY: Text = { en: 'empty', zh: '为空' }

function factsOf({ subject, issuer, notAfter, fingerprint }: Certificate): Omit<CertificateRow, keyof Place> {
  return { subject, issuer, notAfter: timeText(notAfter), fingerprint }
}

function dateProblem({ notBefore, notAfter }: Certificate, now: Date): Text | undefined {
  if (now.getTime() > notAfter) return { en: 'expired', zh: '已过期' }
  return now.getTime() < notBefore ? { en: 'not yet valid', zh: '尚未生效' } : undefined
}

function bundleRows(cluster: Cluster, revision: Revision): readonly CertificateRow[] {
  return injectorBundles(cluster)
    .filter(({ injector }) => revisionBehind(cluster, injector) === revision)
    .flatMap(({ injector, bundle }) =>
      rowsOf({ revision: revision.name, place: 'caBundle', where: injectorTitle(injector) }, bundle, cluster.now),
    )
}

/** Each replica for itself: one of them may lag behind. */
function servedRows(cluster: Cluster, revision: Revision): readonly CertificateRow[] {
  const chains = new Set(revision.injectors.flatMap((injector) => servedChains(cluster, injector)))
  return [...chains].flatMap(({ chain, address, probe }) => {
    const where = probe.pod === undefined ? address : `${address} (${probe.pod.name})`
    return rowsOf({ revision: revision.name, place: 'served', where }, chain, cluster.now)
  })
}

function secretRows(cluster: Cluster, revision: Revision): readonly CertificateRow[] {
  const rows = revision.injectors.flatMap((injector) => authorityOf(cluster, injector))
  return [...new Set(rows)].flatMap(({ namespace, secret, key, bundle }) => {
    const where = `${namespace}/${secret} (${key})`
    return rowsOf({ revision: revision.name, place: 'authority-secret', where }, bundle, cluster.now)
  })
}

/** The control plane's own, and one row for each different root that other namespaces hold. */
function rootRows(cluster: Cluster, revision: Revision): readonly CertificateRow[] {
  const maps = rootConfigMaps(cluster)
  const own = maps.get(revision.namespace)
  const groups = [...Map.groupBy(maps.values(), ({ bundle }) => bundle)]
  const first = groups.filter(([bundle]) => bundle === own?.bundle)
  const others = groups.filter(([bundle]) => bundle !== own?.bundle)
  return [...first, ...others].flatMap(([bundle, all]) => {
    const [map] = all.toSorted((a) => (a.namespace === revision.namespace ? -1 : 0))
    const rest = all.length > 1 ? ` +${all.length - 1}` : ''
    const where = map === undefined ? '' : `${objectName(map.object).namespace ?? ''}/${ROOT_CONFIG_MAP}${rest}`
    return rowsOf({ revision: revision.name, place: 'root-config-map', where }, bundle, cluster.now)
  })
}
