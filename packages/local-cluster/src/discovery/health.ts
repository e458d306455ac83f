/** The texts of `/livez`, `/readyz` and `/healthz`. */
const CHECKS = ['ping', 'log', 'store', 'admission']

export function healthText(path: string, verbose: boolean): string | undefined {
  const [, endpoint = '', check, ...rest] = path.split('/')
  if (!['livez', 'readyz', 'healthz'].includes(endpoint) || rest.length > 0) return undefined
  if (check !== undefined) return CHECKS.includes(check) ? 'ok' : undefined
  return verbose ? `${CHECKS.map((name) => `[+]${name} ok\n`).join('')}${endpoint} check passed\n` : 'ok'
}
