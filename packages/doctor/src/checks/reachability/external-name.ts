import type { JsonPatchOperation } from '@proa/kube'
import { objectName } from '../../cluster/cluster.ts'
import type { Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { type Backend, backendTitle, revisionOf } from '../../mesh/backends.ts'
import { textAt } from '../../reading.ts'
import { calledService, configurationName, consequence } from './evidence.ts'

/** API servers do not follow names: such a Service has to be called by its URL. */
export function externalName(backend: Backend): Found {
  const [first] = backend.injectors
  const host = textAt(backend.service, 'spec', 'externalName')
  const own = backend.injectors.filter(({ configuration }) => configuration === first.configuration)
  const operations = own.flatMap((injector): JsonPatchOperation[] => {
    const path = injector.service?.path ?? '/'
    const url = `https://${host}${backend.port === 443 ? '' : `:${backend.port}`}${path}`
    const at = `/webhooks/${injector.index}`
    return [
      { op: 'test', path: `${at}/name`, value: injector.webhook },
      { op: 'remove', path: `${at}/clientConfig/service` },
      { op: 'add', path: `${at}/clientConfig/url`, value: url },
    ]
  })
  return {
    outcome: 'found',
    object: configurationName(first),
    ...revisionOf(backend),
    message: {
      en: `${first.configuration} calls the Service ${backendTitle(backend)}, which is an ExternalName (${host}); API servers cannot call those`,
      zh: `${first.configuration} 调用的 Service ${backendTitle(backend)} 是 ExternalName（${host}），API server 无法调用这种 Service`,
    },
    meaning: consequence(own),
    evidence: [
      ...own.map(calledService),
      {
        object: backend.service === undefined ? { kind: 'Service', name: backend.name } : objectName(backend.service),
        path: 'spec.type',
        value: 'ExternalName',
      },
    ],
    confidence: 'certain',
    fix: {
      text: { en: 'Call it by its URL', zh: '改用 URL 调用' },
      ...jsonPatch(configurationName(first), operations),
    },
  }
}
