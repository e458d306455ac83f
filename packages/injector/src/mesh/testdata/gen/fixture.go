// Laid into Istio's package inject (1.14 and later), because protoToJSON is private there.
package inject

import (
	"fmt"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/util/protomarshal"
)

func MeshFixture(op, text string) (string, error) {
	switch op {
	case "read":
		m := &meshconfig.ProxyConfig{}
		if err := protomarshal.ApplyYAML(text, m); err != nil {
			return "", err
		}
		return protomarshal.ToJSON(m)
	case "strict":
		m := &meshconfig.ProxyConfig{}
		if err := protomarshal.ApplyYAMLStrict(text, m); err != nil {
			return "", err
		}
		return protomarshal.ToJSON(m)
	case "readMesh":
		m := &meshconfig.MeshConfig{}
		if err := protomarshal.ApplyYAML(text, m); err != nil {
			return "", err
		}
		return protomarshal.ToJSON(m)
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
		return protomarshal.ToJSON(m)
	case "annotation":
		return "", validateProxyConfig(text)
	case "string":
		m := &meshconfig.ProxyConfig{}
		if err := protomarshal.ApplyYAML(text, m); err != nil {
			return "", err
		}
		return fmt.Sprint(m), nil
	}
	return "", fmt.Errorf("unknown op %s", op)
}
