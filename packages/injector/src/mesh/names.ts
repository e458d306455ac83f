/** Full names of the messages the injector works with. */
export const PROXY_CONFIG = 'istio.mesh.v1alpha1.ProxyConfig'
export const MESH_CONFIG = 'istio.mesh.v1alpha1.MeshConfig'
/** The custom resource `networking.istio.io/v1beta1` ProxyConfig, its spec. */
export const PROXY_CONFIG_RESOURCE = 'istio.networking.v1beta1.ProxyConfig'
