import type { Fix } from '../../../finding.ts'
import { shellWord } from '../../../fixes/kubectl.ts'
import type { Revision } from '../../../mesh/revisions.ts'

/** The setting of the injector that annotates every Pod. A ConfigMap that Helm or istioctl wrote is not to be patched behind their backs. */
export function settingFor({ name, namespace }: Revision, [key, value]: readonly [string, string]): Fix {
  const setting = `sidecarInjectorWebhook.injectedAnnotations.${key.replaceAll('.', '\\.')}=${value.replaceAll(',', '\\,')}`
  const release = name === 'default' ? 'istiod' : `istiod-${name}`
  return {
    text: {
      en: `Let the injector add ${key}: "${value}" to every Pod (it replaces one that a workload has), or annotate the Pod templates; then restart the workloads`,
      zh: `让注入器为每个 Pod 添加 ${key}: "${value}"（会覆盖工作负载自己的值），或为各 Pod 模板添加注解；然后重启工作负载`,
    },
    commands: [
      `helm upgrade ${shellWord(release)} istio/istiod -n ${shellWord(namespace)} --reuse-values --set-string ${shellWord(setting)}`,
    ],
    changes: [],
  }
}
