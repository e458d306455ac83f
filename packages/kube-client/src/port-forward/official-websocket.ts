/** The official client's WebSocket, which speaks the protocols that Kubernetes lays over it. Alone, so that it is loaded only when needed. */
export { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js'
