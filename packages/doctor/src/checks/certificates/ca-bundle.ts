import type { Check } from '../../check.ts'
import { objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { at } from '../../reading.ts'

export const INJ201: Check = {
  id: 'INJ201',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  title: { en: 'caBundle is empty', zh: 'caBundle 为空' },
  looksAt: {
    en: 'webhooks[].clientConfig.caBundle of every injection webhook.',
    zh: '每个注入 webhook 的 webhooks[].clientConfig.caBundle。',
  },
  why: {
    en: 'The API server then trusts only the roots of its own machine. The call fails with "x509: certificate signed by unknown authority", and with failurePolicy Fail no Pod can be created.',
    zh: 'API server 此时只信任本机的根证书，调用会因 "x509: certificate signed by unknown authority" 失败；failurePolicy 为 Fail 时无法创建 Pod。',
  },
  remedy: {
    en: 'The control plane writes the bundle: find out why it does not (not running, no permission to patch, another writer).',
    zh: 'caBundle 由控制平面写入：查明其未写入的原因（未运行、没有 patch 权限、被其他写入者覆盖）。',
  },
  references: ['istio/istio#5828', 'istio/istio#6186'],
  run: (cluster) => injectors(cluster).filter(isEmpty).map(finding),
}

function isEmpty({ entry, deactivated, url }: Injector): boolean {
  const bundle = at(entry, 'clientConfig', 'caBundle')
  return !deactivated && url === undefined && (bundle === undefined || bundle === null || bundle === '')
}

function finding(injector: Injector): CheckOutcome {
  const { object, index, service, revision } = injector
  const deployment = `${service?.namespace ?? 'istio-system'} rollout restart deployment/${service?.name ?? 'istiod'}`
  return {
    outcome: 'found',
    object: objectName(object),
    revision,
    message: {
      en: `${injectorTitle(injector)} has no caBundle, so the API server cannot trust ${service?.name ?? 'the webhook'}`,
      zh: `${injectorTitle(injector)} 没有 caBundle，API server 无法信任 ${service?.name ?? '该 webhook'}`,
    },
    evidence: [{ path: `webhooks[${index}].clientConfig.caBundle`, value: null }],
    confidence: 'certain',
    fix: {
      text: {
        en: 'Restart the control plane: it writes the bundle when it starts',
        zh: '重启控制平面：启动时会写入 caBundle',
      },
      commands: [`kubectl -n ${deployment}`],
      changes: [],
    },
  }
}
