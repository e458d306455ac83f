import { capital, type Signature, targetIn, webhookIn } from './signature.ts'

/** The webhook answered, and the API server cannot use the answer. */
export const ANSWERS: readonly Signature[] = [
  {
    code: 'not-tls',
    pattern:
      /(?<problem>server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|oversized record received with length \d{1,10}|malformed HTTP (?:response|status code|version)[^:]{0,200}|tls: unsupported SSLv2 handshake received)/,
    checks: ['INJ154', 'INJ159'],
    verdict: (matched) => ({
      en: `What answers at ${targetIn(matched).en} does not speak HTTPS: the targetPort leads to another port, or to other Pods.`,
      zh: `${targetIn(matched).zh} 处应答的不是 HTTPS：targetPort 指向了别的端口，或指向了别的 Pod。`,
    }),
  },
  {
    code: 'path-not-found',
    pattern: /the server could not find the requested resource/,
    checks: ['INJ154', 'INJ159'],
    verdict: (matched) => ({
      en: `What answers at ${targetIn(matched).en} does not know the path ${matched.facts.service?.path ?? 'of the webhook'} (404): it is another server than the injector, or the path is wrong.`,
      zh: `${targetIn(matched).zh} 处的服务器不认识路径 ${matched.facts.service?.path ?? ''}（404）：它不是注入器，或者路径写错了。`,
    }),
  },
  {
    code: 'webhook-overloaded',
    pattern: /the server has received too many requests and has asked us to try again later/,
    checks: ['INJ160'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} has too many requests (429).`,
      zh: `${webhookIn(matched).zh} 的请求过多（429）。`,
    }),
  },
  {
    code: 'webhook-unavailable',
    pattern:
      /the server is currently unable to handle the request|the server was unable to return a response in the time allotted/,
    checks: ['INJ155', 'INJ153', 'INJ161'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} answered that it is not available (503 or 504): it starts or stops, or something before it answered.`,
      zh: `${webhookIn(matched).zh} 回答说不可用（503 或 504）：它正在启动或停止，或者应答的是它前面的某个组件。`,
    }),
  },
  {
    code: 'webhook-error',
    pattern:
      /an error on the server \("(?<said>[^"]{0,500}(?:"[^")]{1,200}){0,4})"\) has prevented the request from succeeding/,
    checks: ['INJ155', 'INJ132'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} failed on this request (500): ${matched.details.said}. Its log has the reason.`,
      zh: `${webhookIn(matched).zh} 处理该请求时出错（500）：${matched.details.said}。原因见它的日志。`,
    }),
  },
  {
    code: 'webhook-refuses-call',
    pattern:
      /(?<problem>the server has asked for the client to provide credentials|the server rejected our request for an unknown reason|the server does not allow this method on the requested resource|the server reported a conflict|the server rejected our request due to an error in our request|the server responded with the status code \d{3} but did not return more information)/,
    checks: ['INJ154', 'INJ159', 'INJ155'],
    verdict: (matched) => ({
      en: `What answers at ${targetIn(matched).en} refuses the call itself (${matched.details.problem}): probably another server than the injector.`,
      zh: `${targetIn(matched).zh} 处的服务器拒绝了调用本身（${matched.details.problem}）：很可能不是注入器。`,
    }),
  },
  {
    code: 'patch-not-applicable',
    pattern:
      /(?<problem>error in (?:add|remove|replace|move|copy|test) for path: '+(?<path>[^']{0,300})'+[^"]{0,300}|(?:add|remove|replace|move|copy|test) operation (?:does not apply|failed)[^"]{0,300}|testing value \S{1,300} failed[^"]{0,100}|Unexpected kind: \S{1,60}|unsupported patch type "[^"]{0,60}"|received undecodable patch in webhook response[^"]{0,200})/,
    checks: ['INJ134', 'INJ131'],
    verdict: (matched) => ({
      en: `The patch of ${webhookIn(matched).en} does not fit the Pod: ${matched.details.problem}.`,
      zh: `${webhookIn(matched).zh} 返回的 patch 无法应用到 Pod：${matched.details.problem}。`,
    }),
  },
  {
    code: 'patch-not-applicable',
    pattern:
      /(?<problem>cannot unmarshal \w{1,20} into Go struct field (?!Admission)(?<field>[\w.]{1,200}) of type [^\s"]{1,100})/,
    checks: ['INJ134', 'INJ131'],
    verdict: ({ details }) => ({
      en: `After the patches of the webhooks the object has a value of the wrong type at ${details.field}.`,
      zh: `应用 webhook 的 patch 之后，对象的 ${details.field} 处类型不对。`,
    }),
  },
  {
    code: 'not-an-admission-response',
    pattern:
      /(?<problem>expected webhook response of [^"]{1,200}|expected response\.uid[^:]{0,200}|webhook response was absent|webhook returned (?:invalid )?response\.[^"]{1,100}|couldn't get version\/kind[^"]{0,200}|converting \([^)]{1,60}\) to \([^)]{1,60}\): unknown conversion|no kind "[^"]{0,60}" is registered for version "[^"]{0,60}"|cannot unmarshal \w{1,20} into Go (?:struct field Admission|value of type )[^"]{1,200}|0-length response[^"]{0,100}|illegal base64 data[^"]{0,60}|received invalid webhook response[^"]{0,200}|response body: unexpected[^"]{0,60})/,
    checks: ['INJ154', 'INJ159', 'INJ155'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} did not answer with an AdmissionReview (${matched.details.problem}): another server than an injector, or a defect in it.`,
      zh: `${webhookIn(matched).zh} 返回的不是 AdmissionReview（${matched.details.problem}）：它不是注入器，或者它有缺陷。`,
    }),
  },
  {
    code: 'dry-run-unsupported',
    pattern: /does not support dry run/,
    checks: ['INJ255'],
    verdict: (matched) => ({
      en: `${capital(webhookIn(matched).en)} may have side effects (sideEffects is not None), so dry runs such as kubectl diff and those of Argo CD are refused.`,
      zh: `${webhookIn(matched).zh} 可能有副作用（sideEffects 不是 None），因此 kubectl diff、Argo CD 等的 dry run 会被拒绝。`,
    }),
  },
  {
    code: 'match-condition-failed',
    pattern: /expression '+(?<expression>[^\n]{1,1000}?)'+ resulted in error: (?<problem>[^"]{1,300})/,
    checks: ['INJ124'],
    verdict: ({ details }) => ({
      en: `A match condition of a webhook or a policy cannot be evaluated on this Pod: ${details.expression} (${details.problem}).`,
      zh: `某个 webhook 或策略的匹配条件在这个 Pod 上无法求值：${details.expression}（${details.problem}）。`,
    }),
  },
]
