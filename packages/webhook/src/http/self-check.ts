import { randomBytes, timingSafeEqual } from 'node:crypto'

export const SELF_CHECK_HEADER = 'x-proa-self-check'

/** Marks the requests with which the server tries itself. Nobody else can know the token. */
export interface SelfCheckToken {
  /** The value of the header for a try of one thread. */
  valueFor(lane: number): string
  /** Undefined: it is an ordinary request. */
  laneOf(header: string | readonly string[] | undefined): number | undefined
}

export function createSelfCheckToken(): SelfCheckToken {
  const token = randomBytes(24).toString('base64url')
  return {
    valueFor: (lane) => `${token}/${lane}`,
    laneOf(header) {
      if (typeof header !== 'string') return undefined
      const [given = '', lane = ''] = header.split('/')
      const isOurs = given.length === token.length && timingSafeEqual(Buffer.from(given), Buffer.from(token))
      return isOurs ? Number(lane) : undefined
    },
  }
}
