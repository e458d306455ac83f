import { capital, type Signature, targetIn, webhookIn } from './signature.ts'

/** The API server does not accept the certificate that the webhook serves, or cannot read the caBundle. */
export const CERTIFICATES: readonly Signature[] = [
  {
    code: 'bundle-malformed',
    pattern: /unable to load root certificates(?:: (?<problem>[^"]{1,200}))?/,
    checks: ['INJ203', 'INJ201'],
    verdict: (matched) => ({
      en: `The caBundle of ${webhookIn(matched).en} is not a PEM certificate, so it is never called.`,
      zh: `${webhookIn(matched).zh} 的 caBundle 不是 PEM 证书，因此它从不会被调用。`,
    }),
  },
  {
    code: 'unknown-authority',
    pattern:
      /certificate signed by unknown authority(?: \(possibly because of "(?<because>[^"]{1,300}(?:"[^"]{1,200}")?)" while trying to verify candidate authority certificate "(?<authority>[^"]{1,300})")?/,
    checks: ['INJ202', 'INJ201'],
    verdict: (matched) => ({
      en: `The caBundle of ${webhookIn(matched).en} does not contain the authority that signed the certificate that ${targetIn(matched).en} serves.`,
      zh: `${webhookIn(matched).zh} 的 caBundle 里没有签发 ${targetIn(matched).zh} 服务端证书的 CA。`,
    }),
  },
  {
    code: 'certificate-not-yet-valid',
    pattern:
      /certificate has expired or is not yet valid: current time (?<now>\S{1,40}) is before (?<notBefore>[^\s"]{1,40})/,
    checks: ['INJ204', 'INJ205'],
    verdict: ({ details }) => ({
      en: `A certificate of the webhook is valid only from ${details.notBefore}, and the clock of the API server says ${details.now}: one of the clocks is wrong.`,
      zh: `webhook 的证书从 ${details.notBefore} 起才有效，而 API server 的时钟是 ${details.now}：有一方的时钟不准。`,
    }),
  },
  {
    code: 'certificate-expired',
    pattern:
      /certificate has expired(?: or is not yet valid)?(?:: current time (?<now>\S{1,40}) is after (?<notAfter>[^\s"]{1,40}))?/,
    checks: ['INJ204', 'INJ205'],
    verdict: ({ details }) => ({
      en: `A certificate of the webhook (the served one or its authority) has expired${details.notAfter === undefined ? '' : ` on ${details.notAfter}`}, or the clock of the API server is wrong.`,
      zh: `webhook 的证书（服务端证书或其 CA）已${details.notAfter === undefined ? '' : `于 ${details.notAfter} `}过期，或者 API server 的时钟不准。`,
    }),
  },
  {
    code: 'certificate-without-names',
    pattern: /certificate is not valid for any names, but wanted to match (?<wanted>[^\s"]{1,300})/,
    checks: ['INJ206'],
    verdict: ({ details }) => ({
      en: `The certificate of the webhook has no names at all; the API server needs ${details.wanted}.`,
      zh: `webhook 的证书里没有任何名称；API server 需要的是 ${details.wanted}。`,
    }),
  },
  {
    code: 'certificate-without-names',
    pattern:
      /cannot validate certificate for (?<wanted>[^\s"]{1,300}) because it doesn't contain any (?:IP )?(?:SANs|Subject)/,
    checks: ['INJ206', 'INJ152'],
    verdict: ({ details }) => ({
      en: `The webhook is called at the address ${details.wanted}, and its certificate has no addresses.`,
      zh: `webhook 以地址 ${details.wanted} 被调用，而它的证书里没有任何 IP 地址。`,
    }),
  },
  {
    code: 'certificate-for-other-names',
    pattern: /certificate is valid for (?<names>[^"]{0,2000}?), not (?<wanted>[^\s"]{1,300})/,
    checks: ['INJ206'],
    verdict: ({ details }) => ({
      en: `The certificate of the webhook is for ${details.names}; the API server needs ${details.wanted}.`,
      zh: `webhook 的证书只适用于 ${details.names}；API server 需要的是 ${details.wanted}。`,
    }),
  },
  {
    code: 'certificate-common-name-only',
    pattern: /certificate relies on legacy Common Name field/,
    checks: ['INJ206'],
    verdict: ({ facts }) => {
      const wanted = facts.service === undefined ? undefined : `${facts.service.name}.${facts.service.namespace}.svc`
      return {
        en: `The certificate of the webhook has its name only as Common Name, which API servers since Kubernetes 1.19 do not accept: it needs ${wanted ?? 'the name'} as a DNS name (SAN).`,
        zh: `webhook 的证书只在 Common Name 里写了名称，Kubernetes 1.19 起的 API server 不再接受：${wanted ?? '该名称'} 必须写成 DNS 名称（SAN）。`,
      }
    },
  },
  {
    code: 'certificate-key-usage',
    pattern: /certificate specifies an incompatible key usage/,
    checks: ['INJ206'],
    verdict: () => ({
      en: 'The certificate of the webhook is not for servers (extended key usage without "server authentication").',
      zh: 'webhook 的证书不是服务端证书（extended key usage 里没有 server authentication）。',
    }),
  },
  {
    code: 'tls-alert',
    pattern: /remote error: tls: (?<alert>[a-z][a-z ]{1,80})/,
    checks: ['INJ154', 'INJ155'],
    verdict: (matched) => ({
      en: `${capital(targetIn(matched).en)} broke off the TLS handshake (${matched.details.alert}): something else than the injector may answer at this port.`,
      zh: `${targetIn(matched).zh} 中断了 TLS 握手（${matched.details.alert}）：应答这个端口的可能不是注入器。`,
    }),
  },
  {
    code: 'certificate-rejected',
    pattern: /x509: (?<problem>[^"\n]{1,200})/,
    checks: ['INJ202', 'INJ206', 'INJ203'],
    verdict: ({ details }) => ({
      en: `The API server does not accept the certificate of the webhook: ${details.problem}.`,
      zh: `API server 不接受 webhook 的证书：${details.problem}。`,
    }),
  },
]
