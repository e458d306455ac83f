/**
 * What differs between releases of Istio, by name. Each flag holds the first minor release that behaves so
 * (1.12 is 12); code asks for the behaviour, never for a release number. Defaults and validation of the mesh's messages
 * are apart: their releases stand beside each rule in mesh/.
 */
const SINCE = {
  /** The label `sidecar.istio.io/inject` speaks before the annotation of that name. */
  injectLabel: 12,
  /** Only `true` and `false` are inject values; before, `yes` and `on` too, and any other text refused. */
  onlyTrueAndFalse: 27,
  /** kube-node-lease and local-path-storage are ignored like kube-system. */
  ignoresFourNamespaces: 13,
  /** Templates are Pods merged strategically; before, a list of additions and one template. */
  podOverlay: 9,
  /** kube-inject injects again what was injected before; earlier it was skipped. */
  reinjectsManually: 17,
  /** kube-inject names the kind and the namespace in its warnings. */
  warnsWithKind: 13,
  /** The status annotation carries the revision. */
  statusRevision: 11,
  /** `:ENV:` form of the webhook path. */
  envPathForm: 10,
  /** `--slash--` in values of the webhook path. */
  slashInPath: 15,
  /** A probe at the status port is known to be rewritten already. */
  knowsRewrittenProbes: 9,
  /** Probes with tcpSocket are rewritten. */
  tcpProbes: 12,
  /** Probes with grpc are rewritten. */
  grpcProbes: 13,
  /** Probes of init containers are rewritten, and istio-proxy is looked for among them. */
  initContainerProbes: 19,
  /** preStop and postStart handlers are rewritten. */
  lifecycleHandlers: 25,
  /** On re-injection probers are merged into the existing ones. */
  mergesProbers: 17,
  /** … and appended when there are none. */
  appendsMissingProbers: 27,
  /** Containers named in the status annotation are not overridden again. */
  statusStopsOverrides: 17,
  /** An override of an init container is also looked for among the containers. */
  overridesAcrossLists: 19,
  /** The uid of the init container follows that of a customised istio-proxy. */
  adjustsInitUser: 20,
  /** istio-proxy moves to the init containers when it is a native sidecar. */
  nativeSidecars: 19,
  /** The annotation `sidecar.istio.io/nativeSidecar`. */
  nativeSidecarAnnotation: 24,
  /** `auto` looks at the versions of the nodes. */
  nativeSidecarsByNode: 27,
  /** Any spelling of the Prometheus annotations counts (`prometheus-io/scrape`), and `scrape: false` stops the merge. */
  anySpellingOfPrometheus: 13,
  /** `prometheus.istio.io/scrape-targets`, reserved ports and the secure port. */
  scrapeTargets: 31,
  /** The proxy's ids come from the namespace on OpenShift. */
  openShiftIds: 20,
  /** istio-proxy's user is reset where OpenShift gave it that of the application. */
  resetsSharedUser: 23,
  /** … init containers are looked at too. */
  resetsSharedUserInInit: 27,
  /** ProxyConfig resources and the `image` of ProxyConfig. */
  proxyConfigResources: 13,
  /** `values.global.variant` */
  variant: 22,
  /** An image type of ProxyConfig that is "" leaves the variant in force. */
  emptyImageTypeKeepsVariant: 31,
  /** The owner of a bare Pod is derived in kube-inject too. */
  derivesOwnerManually: 21,
  /** The Argo label `rollouts-pod-template-hash` leads to a Rollout. */
  rollouts: 22,
  /** A CronJob's timestamp has eight to ten digits; before, exactly ten. */
  shortCronJobTimestamps: 10,
  /** The label `deploymentconfig` leads to a DeploymentConfig. */
  deploymentConfigs: 12,
  /** A CronJob is `batch/v1`; before, `batch/v1beta1`. */
  cronJobsAreV1: 22,
  /** The annotation `sidecar.istio.io/enableCoreDump` is not validated any more. */
  forgotCoreDump: 25,
  /** CIDR blocks are read strictly (no `/08`). */
  strictPrefixes: 16,
  /** Names of interfaces are validated. */
  validatesInterfaces: 30,
  /** Resource annotations are validated. */
  validatesResources: 27,
  /** `appendMultusNetwork` looks whether the network is there already. */
  looksForMultusNetwork: 9,
  /** … and splits `namespace/name` in a JSON list. */
  splitsMultusNetwork: 23,
  /** `.ObjectMeta` and `.Spec` are structs; before, pointers to them. */
  podByValue: 9,
  /** `.DeploymentMeta` is a struct; before, a pointer to it. */
  ownerByValue: 11,
  /** `.DeploymentMeta` has name and namespace alone; before, all metadata of the owner. */
  ownerIsName: 22,
  /** Istio's own `render`, which renders a text as a template, is gone. */
  forgotRender: 14,
  /** `toJson` is sprig's; before, it was another name of Istio's `toJSON`. */
  sprigToJson: 19,
} as const

export type BehaviourName = keyof typeof SINCE

/** Whether the release of that minor number behaves so. */
export function behaves(minor: number, name: BehaviourName): boolean {
  return minor >= SINCE[name]
}
