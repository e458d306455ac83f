import { type Matched, type Signature, targetIn } from './signature.ts'

const ADVICE = {
  en: 'the API server sends the calls of webhooks through an HTTP proxy, which knows nothing of Services: its no_proxy lacks .svc',
  zh: 'API server 把 webhook 调用发给了 HTTP 代理，而代理不认识集群里的 Service：它的 no_proxy 缺少 .svc',
}

/** The API server calls the webhook through an HTTP proxy. */
export const PROXY: readonly Signature[] = [
  {
    code: 'api-server-proxy',
    pattern:
      /(?:proxyconnect|socks connect) tcp[^:"]{0,120}: (?<problem>(?:dial tcp )?(?:lookup )?(?<proxy>[^\s":]{1,253}(?::\d{1,5})?)?[^"]{0,200})/,
    checks: ['INJ161'],
    verdict: (matched) => ({
      en: `Instead of ${targetIn(matched).en} the API server called its HTTP proxy, and even that failed (${matched.details.problem}): ${ADVICE.en}.`,
      zh: `API server 没有直接调用 ${targetIn(matched).zh}，而是去连 HTTP 代理，并且也失败了（${matched.details.problem}）：${ADVICE.zh}。`,
    }),
  },
  {
    // The status text of the answer to CONNECT becomes Go's whole error, and no error of Go begins with a capital letter.
    code: 'api-server-proxy',
    pattern:
      /(?:\?timeout=\w{1,10}|\.svc(?:[.:/][^\s"]{0,300})?)"?: (?:\d{3} )?(?<problem>(?!EOF\b|Address\b)[A-Z][A-Za-z'-]{2,30}(?: [A-Za-z'-]{1,30}){0,8}|unknown status code)\.?\s*(?:"|$)/,
    checks: ['INJ161', 'INJ158'],
    verdict: (matched) => ({
      en: `"${matched.details.problem}" is the answer of an HTTP proxy, not of ${targetIn(matched).en}: ${ADVICE.en}.`,
      zh: `“${matched.details.problem}”是 HTTP 代理的应答，而不是 ${targetIn(matched).zh} 的：${ADVICE.zh}。`,
    }),
  },
  {
    // A status without a text leaves nothing at all.
    code: 'api-server-proxy',
    pattern: /Post "?https:\/\/[^\s"]{1,300}\?timeout=\w{1,10}"?:[\s"'}\]]{0,20}$/,
    checks: ['INJ161', 'INJ158'],
    verdict: (matched) => ({
      en: `The API server got an empty answer instead of a connection to ${targetIn(matched).en}, as HTTP proxies give it: ${ADVICE.en}.`,
      zh: `API server 没有连上 ${targetIn(matched).zh}，而是得到 HTTP 代理式的空应答：${ADVICE.zh}。`,
    }),
  },
  {
    code: 'api-server-proxy',
    pattern:
      /(?<problem>\b(?:Service Unavailable|Unable to connect|Bad Gateway|Gateway Time-?out|Proxy Authentication Required)\b)/,
    when: (matched: Matched) => matched.facts.webhook !== undefined || matched.facts.url !== undefined,
    checks: ['INJ161', 'INJ155'],
    verdict: (matched) => ({
      en: `"${matched.details.problem}" is what an HTTP proxy answers: probably ${ADVICE.en}.`,
      zh: `“${matched.details.problem}”是 HTTP 代理的应答：很可能 ${ADVICE.zh}。`,
    }),
  },
]
