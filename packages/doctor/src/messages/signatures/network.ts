import { capital, type Matched, type Signature, targetIn, webhookIn } from './signature.ts'

const ADDRESS = String.raw`(?<address>[^\s"]{1,100})`

/** The API server finds no way to the webhook. */
export const NETWORK: readonly Signature[] = [
  {
    code: 'address-not-allowed',
    pattern: /Address is not allowed/i,
    checks: ['INJ158', 'INJ157'],
    verdict: (matched) => ({
      en: `The managed control plane does not reach the address of the Pod behind ${targetIn(matched).en}: the Pod network is an overlay that it cannot route to.`,
      zh: `托管控制平面无法访问 ${targetIn(matched).zh} 后面 Pod 的地址：Pod 网络是它无法路由的 overlay。`,
    }),
  },
  {
    code: 'tunnel-failed',
    pattern:
      /(?<problem>No agent available|No backend available|error dialing backend|failed to dial backend|dial timeout, backstop|proxy dialer[^:"]{0,60}|konnectivity[^:"]{0,60})/i,
    checks: ['INJ158', 'INJ156', 'INJ155'],
    verdict: ({ details }) => ({
      en: `The API server reaches Pods through a tunnel (konnectivity), and the tunnel does not work: ${details.problem}.`,
      zh: `API server 通过隧道（konnectivity）访问 Pod，而隧道不通：${details.problem}。`,
    }),
  },
  {
    code: 'service-not-found',
    pattern: /\bservice "(?<name>[a-z0-9.-]{1,63})" not found/i,
    checks: ['INJ151'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} calls a Service that does not exist: ${serviceIn(matched)}.`,
      zh: `${webhookIn(matched).zh} 调用的 Service 不存在：${serviceIn(matched)}。`,
    }),
  },
  {
    code: 'service-port-not-found',
    pattern: /no service port (?<port>\S{1,20}) found for service "(?<name>[a-z0-9.-]{1,63})"/,
    checks: ['INJ154'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} calls port ${matched.details.port}, which the Service ${serviceIn(matched)} does not have.`,
      zh: `${webhookIn(matched).zh} 调用端口 ${matched.details.port}，而 Service ${serviceIn(matched)} 没有这个端口。`,
    }),
  },
  {
    code: 'service-type-unsupported',
    pattern: /unsupported service type "(?<type>[^"]{1,60})"/,
    checks: ['INJ151'],
    verdict: (matched) => ({
      en: `${capital(targetIn(matched).en)} is of type ${matched.details.type}, which API servers cannot call.`,
      zh: `${targetIn(matched).zh} 的类型是 ${matched.details.type}，API server 无法调用。`,
    }),
  },
  {
    code: 'no-endpoints',
    pattern: /no endpoints available for service "(?<name>[^"]{1,130})"/,
    checks: ['INJ153', 'INJ155'],
    verdict: (matched) => ({
      en: `No Pod behind the Service ${serviceIn(matched)} is ready.`,
      zh: `Service ${serviceIn(matched)} 后面没有就绪的 Pod。`,
    }),
  },
  {
    code: 'dns-failed',
    pattern:
      /\blookup (?<host>[^\s":]{1,253})(?: on (?<resolver>[^\s"]{1,80}))?: (?<problem>server misbehaving|(?:read|write|dial) [^"]{0,200}(?:i\/o timeout|connection refused|no route to host)|Temporary failure in name resolution|i\/o timeout|no answer from DNS server)/,
    checks: ['INJ152', 'INJ151'],
    verdict: ({ details }) => ({
      en: `The DNS server of the API server${details.resolver === undefined ? '' : ` (${details.resolver})`} gives no answer for ${details.host}: ${details.problem}.`,
      zh: `API server 使用的 DNS 服务器${details.resolver === undefined ? '' : `（${details.resolver}）`}无法解析 ${details.host}：${details.problem}。`,
    }),
  },
  {
    code: 'host-not-found',
    pattern: /(?:\blookup (?<host>[^\s":]{1,253})(?: on (?<resolver>[^\s"]{1,80}))?: )?no such host/,
    when: ({ facts, details }) => facts.service !== undefined || isServiceHost(details.host),
    checks: ['INJ151', 'INJ161', 'INJ152'],
    verdict: (matched) => ({
      en: `The name of the webhook's Service, ${matched.details.host ?? serviceIn(matched)}, cannot be resolved: the Service does not exist, or its name or namespace in the webhook is wrong.`,
      zh: `webhook 的 Service 名称 ${matched.details.host ?? serviceIn(matched)} 无法解析：Service 不存在，或者 webhook 里写的名称或命名空间不对。`,
    }),
  },
  {
    code: 'host-not-found',
    pattern: /(?:\blookup (?<host>[^\s":]{1,253})(?: on (?<resolver>[^\s"]{1,80}))?: )?no such host/,
    checks: ['INJ152', 'INJ151'],
    verdict: ({ details, facts }) => ({
      en: `The host in the URL of the webhook, ${details.host ?? facts.url ?? 'see the message'}, does not resolve on the API server.`,
      zh: `webhook 的 URL 里的主机 ${details.host ?? facts.url ?? '（见报错）'} 在 API server 上无法解析。`,
    }),
  },
  {
    code: 'connection-refused',
    pattern: new RegExp(`(?:dial tcp ${ADDRESS}: )?(?:connect: )?connection refused`),
    checks: ['INJ154', 'INJ155', 'INJ153'],
    verdict: (matched) => ({
      en: `Nothing listens where the API server calls ${targetIn(matched).en}${addressIn(matched).en}: the ports do not fit together, or the injector does not run.`,
      zh: `API server 调用 ${targetIn(matched).zh}${addressIn(matched).zh} 时没有进程在监听：端口对不上，或者注入器没有运行。`,
    }),
  },
  {
    code: 'no-route',
    pattern: new RegExp(
      `(?:dial tcp ${ADDRESS}: )?(?:connect: )?(?<problem>no route to host|network is unreachable|host is down|(?<=connect: )permission denied)`,
    ),
    checks: ['INJ156', 'INJ157', 'INJ158'],
    verdict: (matched) => ({
      en: `The API server has no way to ${targetIn(matched).en}${addressIn(matched).en} (${matched.details.problem}): a firewall or a missing route.`,
      zh: `API server 无法到达 ${targetIn(matched).zh}${addressIn(matched).zh}（${matched.details.problem}）：防火墙拦截或缺少路由。`,
    }),
  },
  {
    code: 'connection-reset',
    pattern: /(?<problem>connection reset by peer|broken pipe|software caused connection abort)/,
    when: aboutCall,
    checks: ['INJ155', 'INJ154', 'INJ156'],
    verdict: (matched) => ({
      en: `${capital(targetIn(matched).en)} broke off the connection: the injector crashed, or something on the way closes connections.`,
      zh: `${targetIn(matched).zh} 中断了连接：注入器崩溃，或者途中有设备关闭连接。`,
    }),
  },
  {
    code: 'timeout-connecting',
    pattern: new RegExp(
      `(?<problem>dial tcp ${ADDRESS}: (?:connect: )?(?:i/o timeout|connection timed out|operation was canceled|connect: operation timed out)|request canceled while waiting for connection|TLS handshake timeout)`,
    ),
    checks: ['INJ157', 'INJ156', 'INJ158', 'INJ155'],
    verdict: (matched) => ({
      en: `The API server got no connection to ${targetIn(matched).en}${addressIn(matched).en} in time: a firewall or a NetworkPolicy drops the packets, or the Pod network is not routed from the control plane.`,
      zh: `API server 未能及时连上 ${targetIn(matched).zh}${addressIn(matched).zh}：防火墙或 NetworkPolicy 丢弃了数据包，或者控制平面到 Pod 网络没有路由。`,
    }),
  },
  {
    code: 'request-timeout',
    pattern:
      /(?:request did not complete within|the server was unable to return a response within) (?<problem>(?:the )?(?:requested timeout|allotted time)|\S{1,20})|request timed out/,
    when: ({ facts }) => facts.webhook === undefined,
    checks: ['INJ163', 'INJ162', 'INJ160'],
    verdict: () => ({
      en: 'The whole request took longer than the API server allows: the waiting for all webhooks together adds up.',
      zh: '整个请求超过了 API server 允许的时间：等待各个 webhook 的时间会累加。',
    }),
  },
  {
    code: 'timeout',
    pattern:
      /(?<problem>context deadline exceeded(?: \(Client\.Timeout[^)]{0,60}\))?|Client\.Timeout(?: or context cancellation)? (?:exceeded )?while [a-z ]{1,30}|i\/o timeout|context canceled|request canceled|connection timed out|operation timed out)/,
    checks: ['INJ157', 'INJ156', 'INJ160', 'INJ158', 'INJ155', 'INJ163'],
    verdict: (matched) => ({
      en: `${capital(targetIn(matched).en)} did not answer${within(matched).en}: a firewall or a NetworkPolicy drops the packets, or the injector is overloaded.`,
      zh: `${targetIn(matched).zh} 没有${within(matched).zh}应答：防火墙或 NetworkPolicy 丢弃了数据包，或者注入器过载。`,
    }),
  },
  {
    code: 'connection-closed',
    pattern:
      /(?<problem>unexpected EOF|\bEOF\b|server closed idle connection|http2: [^"]{1,120}|stream error: [^"]{1,120}|use of closed network connection|transport connection broken: unexpected EOF)/,
    when: aboutCall,
    checks: ['INJ155', 'INJ154', 'INJ160'],
    verdict: (matched) => ({
      en: `${capital(targetIn(matched).en)} closed the connection without an answer: the injector crashed on this request or is being stopped, or the port is not the injector's.`,
      zh: `${targetIn(matched).zh} 没有应答就关闭了连接：注入器处理该请求时崩溃或正在停止，或者该端口不是注入器的端口。`,
    }),
  },
  {
    code: 'url-invalid',
    pattern:
      /(?<problem>unsupported protocol scheme "[^"]{0,60}"|invalid URL[^"]{0,120}|missing protocol scheme|invalid port "[^"]{0,20}"[^"]{0,40}|no Host in request URL)/,
    checks: ['INJ152'],
    verdict: ({ details }) => ({
      en: `The URL of the webhook is not one that the API server can call: ${details.problem}.`,
      zh: `webhook 的 URL 无法被 API server 调用：${details.problem}。`,
    }),
  },
]

/** Words that stand in many texts, and mean a webhook only where one is named. */
function aboutCall({ facts }: Matched): boolean {
  return facts.webhook !== undefined || facts.url !== undefined
}

function isServiceHost(host: string | undefined): boolean {
  return host !== undefined && /\.svc(?:\.|$)/.test(host)
}

function serviceIn({ facts, details }: Matched): string {
  return facts.service === undefined ? (details.name ?? '?') : `${facts.service.namespace}/${facts.service.name}`
}

function addressIn({ details }: Matched): { readonly en: string; readonly zh: string } {
  return details.address === undefined
    ? { en: '', zh: '' }
    : { en: ` at ${details.address}`, zh: `（${details.address}）` }
}

function within({ facts }: Matched): { readonly en: string; readonly zh: string } {
  return facts.timeoutSeconds === undefined
    ? { en: ' in time', zh: '及时' }
    : { en: ` within ${facts.timeoutSeconds} s`, zh: `在 ${facts.timeoutSeconds} 秒内` }
}
