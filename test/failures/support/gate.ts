import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and the API server, and lets through what the test wants. */
export interface Gate {
  readonly url: string
  /** As when the API server is gone: what is open breaks, what is new is refused. */
  cut(): void
  open(): void
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  far: Socket | undefined
}

export async function startGate(to: string): Promise<Gate> {
  const { hostname, port } = new URL(to)
  const pairs = new Set<Pair>()
  let mode: 'open' | 'cut' = 'open'
  const server = createServer({ allowHalfOpen: false }, (near) => {
    const pair: Pair = { near, far: undefined }
    pairs.add(pair)
    near.on('error', () => near.destroy())
    near.on('close', () => {
      pair.far?.destroy()
      pairs.delete(pair)
    })
    if (mode === 'cut') {
      near.resetAndDestroy()
      return
    }
    const far = connect(Number(port), hostname)
    pair.far = far
    far.on('error', () => near.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const destroyAll = (): void => {
    for (const { near } of pairs) near.resetAndDestroy()
  }
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      mode = 'cut'
      destroyAll()
    },
    open() {
      mode = 'open'
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      destroyAll()
      await closed
    },
  }
}
