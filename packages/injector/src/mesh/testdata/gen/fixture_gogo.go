// The same for Istio up to 1.13, which had another protobuf library.
package inject

import (
	"fmt"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/util/gogoprotomarshal"
)

func MeshFixture(op, text string) (string, error) {
	switch op {
	case "read":
		m := &meshconfig.ProxyConfig{}
		if err := gogoprotomarshal.ApplyYAML(text, m); err != nil {
			return "", err
		}
		return gogoprotomarshal.ToJSON(m)
	case "strict":
		m := &meshconfig.ProxyConfig{}
		if err := gogoprotomarshal.ApplyYAMLStrict(text, m); err != nil {
			return "", err
		}
		return gogoprotomarshal.ToJSON(m)
	case "readMesh":
		m := &meshconfig.MeshConfig{}
		if err := gogoprotomarshal.ApplyYAML(text, m); err != nil {
			return "", err
		}
		return gogoprotomarshal.ToJSON(m)
	case "apply":
		m, err := mesh.ApplyProxyConfig(text, mesh.DefaultMeshConfig())
		if err != nil {
			return "", err
		}
		return protoToJSON(m.DefaultConfig), nil
	case "mesh":
		m, err := mesh.ApplyMeshConfigDefaults(text)
		if err != nil {
			return "", err
		}
		return gogoprotomarshal.ToJSON(m)
	case "annotation":
		return "", validateProxyConfig(text)
	case "string":
		return fmt.Sprint(""), nil
	}
	return "", fmt.Errorf("unknown op %s", op)
}
