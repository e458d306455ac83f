/** Seconds that an injector goes on serving after it was told to stop, until every API server has heard that its address is gone. */
export const DRAIN_SECONDS = 10

/** Seconds until it is killed: the drain, then 10 for what is still in flight, and some to spare. */
export const GRACE_SECONDS = 30
