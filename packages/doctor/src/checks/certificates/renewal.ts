import { makerOf, restartInjector } from '../../certificates/control-plane.ts'
import type { CertificateInUse } from '../../certificates/in-use.ts'
import { authorityCertificates, injectorBundles } from '../../certificates/places.ts'
import { rightRoot } from '../../certificates/right-root.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Fix, ObjectName } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { NO_STEP, patchObject, type Step } from '../../fixes/patch-object.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { writeBundle } from './write-bundle.ts'

/** How a certificate is renewed: by its owner, which is another one for each place. */
export function renewal(
  cluster: Cluster,
  {
    role,
    injector,
    object,
    certificate,
  }: Pick<CertificateInUse, 'role' | 'object' | 'injector'> & Partial<Pick<CertificateInUse, 'certificate'>>,
): Fix {
  const proaSecret = ownSecret(cluster, injector, object)
  if (proaSecret !== undefined) return rotateOwn(proaSecret, role === 'serving' ? 'leaf' : 'root')
  if (role === 'serving' && injector?.service !== undefined) {
    return {
      text: {
        en: 'Restart the injector: it gets a new certificate when it starts. Where cert-manager or files bring it, renew it there',
        zh: '重启注入器：启动时会取得新证书。若证书由 cert-manager 或文件提供，请在那里更新',
      },
      ...restartInjector(cluster, injector),
    }
  }
  const newer = injector && newerRoot(cluster, injector, certificate?.fingerprint)
  if (newer !== undefined && injector !== undefined) {
    return {
      text: {
        en: `Write the newer root from ${newer.object.kind} ${newer.object.name} into caBundle`,
        zh: `把 ${newer.object.kind} ${newer.object.name} 中较新的根证书写入 caBundle`,
      },
      ...writeBundle(sameBundle(cluster, injector, certificate?.fingerprint), newer),
    }
  }
  return authorityFix(object)
}

/** The Secret of proa's own authority, which renews itself and can be asked to. */
function ownSecret(cluster: Cluster, injector: Injector | undefined, object: ObjectName): ObjectName | undefined {
  if (object.kind === 'Secret' && object.name.startsWith('proa-injector')) return object
  if (injector === undefined || makerOf(injector) !== 'proa') return undefined
  const { service } = injector
  if (service === undefined) return undefined
  const known = authorityCertificates(cluster).some(
    ({ namespace, secret }) => namespace === service.namespace && secret === `${service.name}-ca`,
  )
  return known
    ? { apiVersion: 'v1', kind: 'Secret', namespace: service.namespace, name: `${service.name}-ca` }
    : undefined
}

function rotateOwn(secret: ObjectName, what: 'leaf' | 'root'): Fix {
  return {
    text:
      what === 'leaf'
        ? {
            en: 'Ask the injector for a new serving certificate; its log says what keeps it from renewing by itself',
            zh: '让注入器签发新的服务端证书；其日志会说明为何没有自动更新',
          }
        : {
            en: 'Ask the injector for a new root; it publishes it beside the old one first',
            zh: '让注入器更换根证书；它会先同时发布新旧两个根证书',
          },
    ...annotate(secret, what),
  }
}

function annotate(secret: ObjectName, what: string): Step {
  const command = `${kubectl(secret)} annotate secret ${shellWord(secret.name)} proa.dev/rotate=${what} --overwrite`
  const body = { metadata: { annotations: { 'proa.dev/rotate': what } } }
  return patchObject(secret, { type: 'merge', body }, command)
}

function newerRoot(
  cluster: Cluster,
  injector: Injector,
  fingerprint: string | undefined,
): ReturnType<typeof rightRoot> {
  const root = rightRoot(cluster, injector)
  const now = cluster.now.getTime()
  const isNewer = root?.certificates.some((one) => one.fingerprint !== fingerprint && one.notAfter > now)
  return isNewer === true ? root : undefined
}

/** All entries of the configuration that hold the old root. */
function sameBundle(cluster: Cluster, { configuration }: Injector, fingerprint: string | undefined): Injector[] {
  return injectorBundles(cluster)
    .filter(({ bundle }) => bundle.certificates.some((one) => one.fingerprint === fingerprint))
    .map(({ injector }) => injector)
    .filter((injector) => injector.configuration === configuration)
}

function authorityFix({ kind, name, namespace }: ObjectName): Fix {
  if (kind === 'Secret' && name === 'cacerts') {
    return {
      text: {
        en: `Issue a new certificate for the authority and put it into Secret ${namespace}/cacerts, for a new root together with the old one; istiod takes it over`,
        zh: `为该 CA 签发新证书并写入 Secret ${namespace}/cacerts；若更换根证书，须与旧根证书一起写入。istiod 会自动换用`,
      },
      ...NO_STEP,
    }
  }
  return {
    text: {
      en: 'Renew the authority: istiod renews one that it has made itself when less than a fifth of its life is left, also right after a restart; one of your own has to be renewed where it was issued, the new root beside the old one',
      zh: '更新该 CA：istiod 自建的 CA 会在剩余有效期不足五分之一时（包括重启后）自动更新；自带的 CA 须在签发处更新，并让新旧根证书并存',
    },
    commands: [],
    changes: [],
  }
}
