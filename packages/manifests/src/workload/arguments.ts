import { authoritySecretName, injectorName, leaseName, webhookConfigurationName } from '../names.ts'
import type { Installation } from '../options.ts'
import { HTTPS_PORT, METRICS_PORT } from '../ports.ts'
import { configMapNames } from '../rbac.ts'
import { DRAIN_SECONDS } from './drain.ts'

/** The command line of the injector's container: `proa webhook …`. */
export function webhookArguments(installation: Installation): string[] {
  const { namespace, revision, workers, compat } = installation
  const [injectorConfigMap = '', meshConfigMap = ''] = configMapNames(installation)
  return [
    'webhook',
    `--namespace=${namespace}`,
    `--revision=${revision}`,
    `--https-address=:${HTTPS_PORT}`,
    `--metrics-address=:${METRICS_PORT}`,
    `--service=${injectorName(revision)}`,
    `--inject-config-map=${injectorConfigMap}`,
    `--mesh-config-map=${meshConfigMap}`,
    `--ca-secret=${authoritySecretName(revision)}`,
    `--lease=${leaseName(revision)}`,
    `--webhook-configuration=${webhookConfigurationName(installation)}`,
    `--drain-seconds=${DRAIN_SECONDS}`,
    ...(workers === 0 ? [] : [`--workers=${workers}`]),
    ...(compat === 'auto' ? [] : [`--compat=${compat}`]),
  ]
}
