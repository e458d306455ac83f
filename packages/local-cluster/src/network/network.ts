/** Where a Pod's port really listens: the local cluster has no network of its own, so its Pod addresses are only names. */
export interface ListeningAddress {
  readonly host: string
  readonly port: number
}

/** The cluster's network: which Pod addresses are real, and where. */
export interface ClusterNetwork {
  /** An address that no Pod has: `10.244.0.7`. @throws Error when all are taken */
  allocate(): string
  release(podIP: string): void
  /** From now on a connection to podIP:port goes to that address. */
  listen(podIP: string, port: number, address: ListeningAddress): void
  /** Undefined when nothing listens there: a connection is refused. Addresses outside the Pods' range are themselves. */
  resolve(host: string, port: number): ListeningAddress | undefined
}

const FIRST_HOST = 2
const LAST_HOST = 254
const HOSTS = LAST_HOST - FIRST_HOST + 1
const ADDRESSES = 256 * HOSTS
const POD_PREFIX = '10.244.'

export function createNetwork(): ClusterNetwork {
  const used = new Set<string>()
  const ports = new Map<string, ListeningAddress>()
  let next = 0
  return {
    allocate() {
      for (let tries = 0; tries < ADDRESSES; tries += 1) {
        const address = `${POD_PREFIX}${Math.floor(next / HOSTS)}.${FIRST_HOST + (next % HOSTS)}`
        next = (next + 1) % ADDRESSES
        if (used.has(address)) continue
        used.add(address)
        return address
      }
      throw new Error(`no address is left for another Pod: ${POD_PREFIX}0.0/16 has ${ADDRESSES}`)
    },
    release(podIP) {
      used.delete(podIP)
      for (const key of [...ports.keys()]) if (key.startsWith(`${podIP}:`)) ports.delete(key)
    },
    listen(podIP, port, address) {
      ports.set(`${podIP}:${port}`, address)
    },
    resolve(host, port) {
      // A Pod on the host's network has the Node's address: what listens there comes first.
      const listening = ports.get(`${host}:${port}`)
      return listening ?? (host.startsWith(POD_PREFIX) ? undefined : { host, port })
    },
  }
}
