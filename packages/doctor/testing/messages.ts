import type { MessageCode } from '../src/messages/index.ts'

const CALL =
  'Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: '
export const POST = `${CALL}Post "https://istiod.istio-system.svc:443/inject?timeout=10s": `
/** Kubernetes 1.13 to 1.19, Go without quotes around URLs. */
export const OLD =
  'failed calling webhook "sidecar-injector.istio.io": Post https://istiod.istio-system.svc:443/inject?timeout=30s: '
const DENIED = 'admission webhook "namespace.sidecar-injector.istio.io" denied the request: '

/** What API servers print, what it means, and which check comes first. */
export const MESSAGES: readonly (readonly [message: string, code: MessageCode, first: string, details?: object])[] = [
  // Certificates.
  [
    `${POST}tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "cluster.local")`,
    'unknown-authority',
    'INJ202',
    { authority: 'cluster.local' },
  ],
  [`${OLD}x509: certificate signed by unknown authority`, 'unknown-authority', 'INJ202'],
  [
    `${OLD}x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "cluster.local")`,
    'unknown-authority',
    'INJ202',
    { because: 'crypto/rsa: verification error', authority: 'cluster.local' },
  ],
  [
    `${POST}tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-08-01T10:00:00Z is after 2026-07-30T08:12:11Z`,
    'certificate-expired',
    'INJ204',
    { notAfter: '2026-07-30T08:12:11Z' },
  ],
  [`${OLD}x509: certificate has expired or is not yet valid`, 'certificate-expired', 'INJ204'],
  [
    `${POST}x509: certificate has expired or is not yet valid: current time 2026-08-01T10:00:00Z is before 2026-08-01T10:03:09Z`,
    'certificate-not-yet-valid',
    'INJ204',
    { notBefore: '2026-08-01T10:03:09Z' },
  ],
  [
    `${POST}tls: failed to verify certificate: x509: certificate is valid for istiod.istio-system.svc, istio-pilot.istio-system.svc, not istiod-canary.istio-system.svc`,
    'certificate-for-other-names',
    'INJ206',
    { names: 'istiod.istio-system.svc, istio-pilot.istio-system.svc', wanted: 'istiod-canary.istio-system.svc' },
  ],
  [
    `${POST}x509: certificate relies on legacy Common Name field, use SANs or temporarily enable Common Name matching with GODEBUG=x509ignoreCN=0`,
    'certificate-common-name-only',
    'INJ206',
  ],
  [
    `${POST}x509: certificate is not valid for any names, but wanted to match istiod.istio-system.svc`,
    'certificate-without-names',
    'INJ206',
    { wanted: 'istiod.istio-system.svc' },
  ],
  [
    `${CALL}Post "https://10.1.2.3:15017/inject?timeout=10s": x509: cannot validate certificate for 10.1.2.3 because it doesn't contain any IP SANs`,
    'certificate-without-names',
    'INJ206',
  ],
  [`${POST}x509: certificate specifies an incompatible key usage`, 'certificate-key-usage', 'INJ206'],
  [`${POST}x509: too many intermediates for path length constraint`, 'certificate-rejected', 'INJ202'],
  [
    'Internal error occurred: failed calling webhook "sidecar-injector.istio.io": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
    'bundle-malformed',
    'INJ203',
  ],
  [`${POST}remote error: tls: bad certificate`, 'tls-alert', 'INJ154', { alert: 'bad certificate' }],
  [`${POST}remote error: tls: unrecognized name`, 'tls-alert', 'INJ154'],
  [`${POST}tls: first record does not look like a TLS handshake`, 'not-tls', 'INJ154'],
  [`${POST}http: server gave HTTP response to HTTPS client`, 'not-tls', 'INJ154'],
  // The way.
  [`${POST}service "istiod" not found`, 'service-not-found', 'INJ151', { name: 'istiod' }],
  [`${OLD}service "istiod" not found`, 'service-not-found', 'INJ151'],
  [
    `${CALL}Post "https://istiod.istio-system.svc:8443/inject?timeout=10s": no service port 8443 found for service "istiod"`,
    'service-port-not-found',
    'INJ154',
    { port: '8443' },
  ],
  [`${POST}unsupported service type "ExternalName"`, 'service-type-unsupported', 'INJ151'],
  [`${POST}no endpoints available for service "istiod"`, 'no-endpoints', 'INJ153'],
  [
    `${POST}dial tcp: lookup istiod.istio-system.svc on 169.254.169.254:53: no such host`,
    'host-not-found',
    'INJ151',
    { host: 'istiod.istio-system.svc', resolver: '169.254.169.254:53' },
  ],
  [
    `${CALL}Post "https://injector.corp.example/inject?timeout=10s": dial tcp: lookup injector.corp.example on 10.0.0.2:53: no such host`,
    'host-not-found',
    'INJ152',
    { host: 'injector.corp.example' },
  ],
  [
    `${CALL}Post "https://injector.corp.example/inject?timeout=10s": dial tcp: lookup injector.corp.example on 10.0.0.2:53: server misbehaving`,
    'dns-failed',
    'INJ152',
  ],
  [
    `${CALL}Post "https://injector.corp.example/inject?timeout=10s": dial tcp: lookup injector.corp.example on 10.0.0.2:53: read udp 10.0.0.9:4411->10.0.0.2:53: i/o timeout`,
    'dns-failed',
    'INJ152',
  ],
  [
    `${POST}dial tcp 10.108.10.24:443: connect: connection refused`,
    'connection-refused',
    'INJ154',
    { address: '10.108.10.24:443' },
  ],
  [
    `${POST}dial tcp 10.244.1.7:15017: connect: no route to host`,
    'no-route',
    'INJ156',
    { problem: 'no route to host' },
  ],
  [`${POST}dial tcp 10.244.1.7:15017: connect: network is unreachable`, 'no-route', 'INJ156'],
  [`${POST}read tcp 10.0.0.1:55566->10.244.1.7:15017: read: connection reset by peer`, 'connection-reset', 'INJ155'],
  [`${POST}EOF`, 'connection-closed', 'INJ155'],
  [`${POST}unexpected EOF`, 'connection-closed', 'INJ155'],
  [
    `${POST}http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=""`,
    'connection-closed',
    'INJ155',
  ],
  [`${POST}http2: client connection lost`, 'connection-closed', 'INJ155'],
  [`${POST}dial tcp 10.8.3.5:15017: i/o timeout`, 'timeout-connecting', 'INJ157', { address: '10.8.3.5:15017' }],
  [`${POST}net/http: TLS handshake timeout`, 'timeout-connecting', 'INJ157'],
  [
    `${OLD}net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    'timeout-connecting',
    'INJ157',
  ],
  [`${POST}context deadline exceeded`, 'timeout', 'INJ157'],
  [`${OLD}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`, 'timeout', 'INJ157'],
  [
    `${CALL}unexpected error when reading response body. Please retry. Original error: context deadline exceeded`,
    'timeout',
    'INJ157',
  ],
  [`${POST}Address is not allowed`, 'address-not-allowed', 'INJ158'],
  [`${POST}No agent available`, 'tunnel-failed', 'INJ158'],
  [
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    'request-timeout',
    'INJ163',
  ],
  [`${CALL}Post "htps://x/inject?timeout=10s": unsupported protocol scheme "htps"`, 'url-invalid', 'INJ152'],
  // An HTTP proxy.
  [
    `${POST}proxyconnect tcp: dial tcp 10.20.0.9:3128: connect: connection refused`,
    'api-server-proxy',
    'INJ161',
    { proxy: '10.20.0.9:3128' },
  ],
  [`${POST}proxyconnect tcp: dial tcp: lookup proxy.corp on 10.0.0.2:53: no such host`, 'api-server-proxy', 'INJ161'],
  [`${POST}proxyconnect tcp: tls: first record does not look like a TLS handshake`, 'api-server-proxy', 'INJ161'],
  [`${POST}Service Unavailable`, 'api-server-proxy', 'INJ161', { problem: 'Service Unavailable' }],
  [`${OLD}Service Unavailable`, 'api-server-proxy', 'INJ161'],
  [`${POST}Forbidden`, 'api-server-proxy', 'INJ161'],
  [`${POST}Bad Gateway`, 'api-server-proxy', 'INJ161'],
  [`${POST}Unable to connect`, 'api-server-proxy', 'INJ161'],
  [`${POST}Proxy Authentication Required`, 'api-server-proxy', 'INJ161'],
  [`${POST}Access Denied by policy`, 'api-server-proxy', 'INJ161'],
  [`${POST}Not Found`, 'api-server-proxy', 'INJ161'],
  [POST, 'api-server-proxy', 'INJ161'],
  // Answers.
  [`${CALL}the server could not find the requested resource`, 'path-not-found', 'INJ154'],
  [`${CALL}an error on the server ("unknown") has prevented the request from succeeding`, 'webhook-error', 'INJ155'],
  [`${CALL}the server is currently unable to handle the request`, 'webhook-unavailable', 'INJ155'],
  [
    'Internal error occurred: failed calling webhook "x.sidecar-injector.istio.io": received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview',
    'not-an-admission-response',
    'INJ154',
  ],
  [
    `${CALL}converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion`,
    'not-an-admission-response',
    'INJ154',
  ],
  [
    'Internal error occurred: jsonpatch add operation does not apply: doc is missing path: "/spec/initContainers/-": missing value',
    'patch-not-applicable',
    'INJ134',
  ],
  ['admission webhook "sidecar-injector.istio.io" does not support dry run', 'dry-run-unsupported', 'INJ255'],
  // The injector's refusals: Istio's words, and ours.
  [
    `${DENIED}requested template "sidcar" not found; have [gateway, sidecar]`,
    'denied-template-unknown',
    'INJ130',
    { template: 'sidcar' },
  ],
  [
    `${DENIED}failed to run injection template: requested template "grpc" not found; have sidecar, gateway`,
    'denied-template-unknown',
    'INJ130',
    { template: 'grpc', known: 'sidecar, gateway' },
  ],
  [
    `${DENIED}failed to run injection template: template: inject:87:12: executing "inject" at <.Values.global.proxy.nope>: nil pointer evaluating interface {}.nope`,
    'denied-template-failed',
    'INJ131',
  ],
  [
    `${DENIED}failed to run injection template: failed parsing generated injected YAML (check Istio sidecar injector configuration): error converting YAML to JSON: yaml: line 12: did not find expected key`,
    'denied-template-failed',
    'INJ131',
  ],
  [
    `${DENIED}failed to run injection template: failed to parse values.yaml; check Istiod logs for errors`,
    'denied-template-failed',
    'INJ131',
  ],
  [
    `${DENIED}1 error occurred:\n\t* invalid value 'maybe' for annotation 'sidecar.istio.io/rewriteAppHTTPProbers': strconv.ParseBool: parsing "maybe": invalid syntax\n\n`,
    'denied-annotation',
    'INJ308',
    { annotation: 'sidecar.istio.io/rewriteAppHTTPProbers', value: 'maybe' },
  ],
  [
    `${DENIED}annotation sidecar.istio.io/status cannot be read: it is not JSON (remove the annotation: the injector writes it itself)`,
    'denied-status-annotation',
    'INJ136',
  ],
  [
    'admission webhook "rev.namespace.sidecar-injector.istio.io" denied the request without explanation',
    'denied-by-injector',
    'INJ131',
  ],
  // Others.
  [
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/shop/cart was blocked due to the following policies \n\ndisallow-capabilities:\n  adding-capabilities: Any capabilities added beyond the allowed list are disallowed.',
    'denied-by-policy',
    'INJ310',
  ],
  [
    'admission webhook "pods.example.com" denied the request: dial tcp 10.0.0.3:443: connect: connection refused',
    'denied-by-webhook',
    'INJ310',
  ],
  [
    "pods \"cart-\" is forbidden: ValidatingAdmissionPolicy 'proa-injector.istio-system.guard' with binding 'proa-injector.istio-system.guard' denied request: the Pod has no sidecar",
    'denied-by-guard',
    'INJ253',
  ],
  [
    'pods "cart-7d9f-abc" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities (container "istio-init" must set securityContext.capabilities.drop=["ALL"]; container "istio-init" must not include "NET_ADMIN", "NET_RAW" in securityContext.capabilities.add), runAsNonRoot != true',
    'pod-security',
    'INJ310',
    { policy: 'restricted:latest' },
  ],
  [
    'pods "cart-7d9f-" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, spec.initContainers[0].securityContext.capabilities.add: Invalid value: "NET_ADMIN": capability may not be added]',
    'security-context-constraints',
    'INJ310',
  ],
  [
    'pods "cart-" is forbidden: unable to validate against any pod security policy: [spec.initContainers[0].securityContext.capabilities.add: Invalid value: "NET_ADMIN": capability may not be added]',
    'pod-security-policy',
    'INJ310',
  ],
  [
    'pods "cart-7d9f-x" is forbidden: exceeded quota: compute, requested: limits.cpu=2200m,limits.memory=1152Mi, used: limits.cpu=3, limited: limits.cpu=4',
    'quota-exceeded',
    'INJ330',
    { quota: 'compute', used: 'limits.cpu=3', limited: 'limits.cpu=4' },
  ],
  [
    'pods "cart-7d9f-x" is forbidden: failed quota: compute: must specify limits.cpu for: istio-proxy; requests.cpu for: istio-proxy',
    'quota-needs-resources',
    'INJ330',
  ],
  [
    'pods "cart-x" is forbidden: [maximum memory usage per Container is 512Mi, but limit is 1Gi, maximum cpu usage per Container is 1, but limit is 2]',
    'limit-range',
    'INJ330',
    { resource: 'memory' },
  ],
  [
    'Pod "cart-x" is invalid: spec.initContainers[1].name: Duplicate value: "istio-proxy"',
    'duplicate-proxy',
    'INJ126',
    { field: 'spec.initContainers[1].name', value: 'istio-proxy' },
  ],
  [
    'Pod "cart-x" is invalid: [spec.containers[1].env[3].name: Required value, spec.initContainers[0].image: Required value]',
    'pod-invalid',
    'INJ134',
    { field: 'spec.containers[1].env[3].name' },
  ],
  [
    'pods "cart-x" is forbidden: unable to create new content in namespace shop because it is being terminated',
    'namespace-terminating',
    'INJ137',
  ],
  [
    'pods "cart-x" is forbidden: error looking up service account shop/cart: serviceaccount "cart" not found',
    'service-account-not-found',
    'INJ100',
  ],
  [
    'pods is forbidden: User "system:serviceaccount:ci:deployer" cannot create resource "pods" in API group "" in the namespace "shop"',
    'not-permitted',
    'INJ100',
  ],
  [`${CALL}so it is`, 'webhook-call-failed', 'INJ155', { problem: 'so it is' }],
]
