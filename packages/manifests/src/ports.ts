/** Where the injector serves admission requests; the Service offers it as 443. Istio's number, which firewalls know. */
export const HTTPS_PORT = 15017
/** Where the injector serves `/metrics`, `/healthz` and `/readyz`. Istio's number. */
export const METRICS_PORT = 15014
