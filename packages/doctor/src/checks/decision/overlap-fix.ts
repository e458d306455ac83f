import type { Cluster } from '../../cluster/cluster.ts'
import type { Fix } from '../../finding.ts'
import { deleteConfiguration } from '../../fixes/delete-configuration.ts'
import { allSteps, leftToPeople } from '../../fixes/patch-object.ts'
import { restoreSelectors } from '../../fixes/restore-selectors.ts'
import { setTagCommand } from '../../fixes/set-tag.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { nameOf, textAt } from '../../reading.ts'
import { openInjectors } from './namespace-opt-out.ts'

/** Which of several configurations has to go can be told only where one of them leads nowhere. */
export function overlapFix(cluster: Cluster, entries: readonly Injector[]): Fix {
  const objects = [...new Set(entries.map(({ object }) => object))]
  const names = objects.map(nameOf)
  const stale = objects.filter((object) => entries.every((one) => one.object !== object || leadsNowhere(cluster, one)))
  if (stale.length > 0 && stale.length < objects.length) {
    const gone = stale.map(nameOf).join(', ')
    return {
      text: {
        en: `Delete ${gone}: the service that it calls does not exist any more`,
        zh: `删除 ${gone}：它调用的 service 已不存在`,
      },
      ...allSteps(...stale.map((object) => deleteConfiguration(cluster, nameOf(object)))),
    }
  }
  if (objects.length === 1) {
    const step = restoreSelectors(entries)
    return {
      text: {
        en: `Give the webhooks of ${names[0]} the selectors of Istio back`,
        zh: `恢复 ${names[0]} 的 Istio 默认选择器`,
      },
      // Namespaces that only the wider selector takes would lose their sidecars.
      ...(entries.some((one) => isOpen(cluster, one)) ? leftToPeople(step) : step),
    }
  }
  return {
    text: {
      en: `Keep one of ${names.join(', ')} for these labels: the command makes the youngest control plane the default; or delete the configuration that is not needed`,
      zh: `对这些标签只保留 ${names.join('、')} 之一：该命令把最新的控制平面设为默认；也可删除不需要的配置`,
    },
    commands: [setTagCommand('default', youngest(entries))],
    changes: [],
  }
}

function isOpen(cluster: Cluster, { object }: Injector): boolean {
  return openInjectors(cluster).some(({ injector }) => injector.object === object)
}

function leadsNowhere(cluster: Cluster, { service }: Injector): boolean {
  if (service === undefined || cluster.unread('Service', service.namespace) !== undefined) return false
  return cluster.find('Service', service.namespace, service.name) === undefined
}

function youngest(entries: readonly Injector[]): Injector {
  const created = ({ object }: Injector): string => textAt(object, 'metadata', 'creationTimestamp')
  const [first] = entries.toSorted((a, b) => (created(a) < created(b) ? 1 : -1))
  if (first === undefined) throw new RangeError('an overlap has entries')
  return first
}
