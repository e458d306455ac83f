/**
 * Seconds that an injector goes on serving after it was told to stop: until every kube-proxy and API server has heard that
 * its address is gone, and the last request is answered.
 */
export const DRAIN_SECONDS = 15
