import type { JsonObject, JsonPatchOperation } from '@proa/kube'
import type { Fix } from '../finding.ts'
import type { Injector } from '../mesh/injectors.ts'
import { nameOf, namespaceOf } from '../reading.ts'
import { allSteps, jsonPatch } from './patch-object.ts'

/** The webhooks call another Service from then on. */
export function callService(injectors: readonly Injector[], service: JsonObject): Fix {
  const title = `${namespaceOf(service)}/${nameOf(service)}`
  const configurations = [...Map.groupBy(injectors, ({ configuration }) => configuration)]
  return {
    text: { en: `Let the webhook call ${title}`, zh: `让 webhook 调用 ${title}` },
    ...allSteps(...configurations.map(([name, own]) => redirect(name, own, service))),
  }
}

function redirect(configuration: string, injectors: readonly Injector[], service: JsonObject) {
  const operations = injectors.flatMap(({ index, webhook }): JsonPatchOperation[] => [
    { op: 'test', path: `/webhooks/${index}/name`, value: webhook },
    { op: 'replace', path: `/webhooks/${index}/clientConfig/service/namespace`, value: namespaceOf(service) },
    { op: 'replace', path: `/webhooks/${index}/clientConfig/service/name`, value: nameOf(service) },
  ])
  return jsonPatch({ kind: 'MutatingWebhookConfiguration', name: configuration }, operations)
}
