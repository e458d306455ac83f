// Prints cases [input, typed object as Go prints it | {"error": "…"}] for v1.Pod.
// Run with k8s.io/api 0.36 in go.mod; redirect into testdata/typed.json.
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

func main() {
	rows := []string{}
	for _, input := range []string{
		`{"metadata":{"annotations":{"a":1}}}`,
		`{"metadata":{"annotations":[]}}`,
		`{"metadata":[]}`, `[]`, `"x"`, `1`, `null`, `true`,
		`{"spec":{"containers":{}}}`,
		`{"spec":{"containers":[1]}}`,
		`{"spec":{"containers":[{"name":1}]}}`,
		`{"spec":{"containers":[{"imagePullPolicy":1}]}}`,
		`{"spec":{"containers":[{"env":[{"name":"a","value":1}]}]}}`,
		`{"spec":{"containers":[{"env":[{"name":"a","value":true}]}]}}`,
		`{"spec":{"containers":[{"env":[{"name":"a","value":{}}]}]}}`,
		`{"spec":{"containers":[{"ports":[{"containerPort":"x"}]}]}}`,
		`{"spec":{"containers":[{"ports":[{"containerPort":1.5}]}]}}`,
		`{"spec":{"containers":[{"ports":[{"containerPort":3000000000}]}]}}`,
		`{"spec":{"containers":[{"securityContext":{"runAsUser":"x"}}]}}`,
		`{"spec":{"containers":[{"securityContext":{"runAsNonRoot":"true"}}]}}`,
		`{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}`,
		`{"spec":{"containers":[{"resources":{"limits":{"cpu":true}}}]}}`,
		`{"spec":{"containers":[{"resources":{"limits":{"cpu":{}}}}]}}`,
		`{"spec":{"containers":[{"resources":{"limits":[]}}]}}`,
		`{"spec":{"containers":[{"resources":{"limits":{"cpu":null}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":{}}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":null}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":1.5}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":99999999999}}}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":[]}}}]}}`,
		`{"spec":{"volumes":[{"name":"x","emptyDir":[]}]}}`,
		`{"spec":{"volumes":[{"name":"x","emptyDir":{"sizeLimit":"1Gx"}}]}}`,
		`{"spec":{"volumes":[{"name":"x","configMap":{"name":1}}]}}`,
		`{"spec":{"volumes":[{"name":"x","emptyDir":"y"}]}}`,
		`{"metadata":{"creationTimestamp":"x"}}`, `{"metadata":{"creationTimestamp":1}}`,
		`{"metadata":{"creationTimestamp":"2020-01-01T00:00:00.5+02:00"}}`,
		`{"metadata":{"creationTimestamp":{}}}`,
		`{"metadata":{"creationTimestamp":null}}`,
		`{"metadata":{"creationTimestamp":""}}`,
		`{"spec":null,"metadata":null}`,
		`{"spec":{"containers":null,"volumes":null,"initContainers":[],"nodeSelector":{}}}`,
		`{"spec":{"containers":[null,{}]}}`,
		`{"spec":{"containers":[{"args":[null,"a"],"env":[null]}]}}`,
		`{"metadata":{"annotations":{"a":null}}}`,
		`{"spec":{"containers":[{"Image":"x","NAME":"y"}]}}`,
		`{"spec":{"containers":[{"securityContext":{}}],"securityContext":{},"affinity":{}}}`,
		`{"metadata":{"managedFields":[{"fieldsV1":{"a":[1]},"time":"2020-01-01T00:00:00Z"}]}}`,
		`{"metadata":{"managedFields":[{"fieldsV1":null}]}}`,
		`{"metadata":{"managedFields":[{"fieldsV1":1}]}}`,
		`{"metadata":{"generation":1e3}}`, `{"metadata":{"generation":9223372036854775808}}`,
		`{"metadata":{"uid":1}}`,
		`{"spec":{"overhead":{"cpu":0.1, "memory":1e3}}}`,
		`{"status":{"conditions":[{"type":"x"}],"containerStatuses":[{"name":"a"}], "startTime":"2020-01-01T00:00:00Z"}}`,
		`{"spec":{"containers":[{"env":[{"name":"a","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}]}]}}`,
		`{"spec":{"containers":[{"env":[{"name":"a","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"0"}}}]}]}}`,
		`{"spec":{"hostNetwork":null,"hostPID":false,"shareProcessNamespace":false,"priority":0,"terminationGracePeriodSeconds":0}}`,
		`{"spec":{"hostNetwork":"x"}}`,
		`{"spec":{"tolerations":[{"tolerationSeconds":"1"}]}}`,
		`{"spec":{"topologySpreadConstraints":[{"labelSelector":{"matchLabels":{"a":1}}}]}}`,
		`{"spec":{"containers":[{"resources":{"requests":{"cpu":" 1 "}}}]}}`,
		`{"spec":{"volumes":[{"projected":{"sources":null}},{"projected":{}}]}}`,
		`{"spec":{"volumes":[{"ephemeral":{"volumeClaimTemplate":{"spec":{"resources":{}}}}}]}}`,
		`{"spec":{"containers":[{"name":1}]},"metadata":{"labels":{"a":1}}}`,
		`{"metadata":{"labels":{"a":1}},"spec":{"containers":[{"name":1}]}}`,
		`{"spec":{"volumes":[1],"containers":[{"image":2,"name":1}]}}`,
		`{"kind":"Pod","apiVersion":"v1","unknown":{"a":1},"spec":{"unknown":1,"containers":[{"unknown":[],"image":"i","name":"n"}]},"metadata":{"unknown":"x","name":"n"}}`,
		`{"spec":{"containers":[{"name":"n","lifecycle":{"preStop":{"exec":{"command":["a"]}},"postStart":{"httpGet":{"path":"/","port":"http","httpHeaders":[{"name":"a","value":""}]}}}}]}}`,
		`{"spec":{"containers":[{"name":"n","readinessProbe":{"grpc":{"port":1,"service":null},"initialDelaySeconds":0,"periodSeconds":1},"startupProbe":{}}]}}`,
		`{"spec":{"containers":[{"name":"n","readinessProbe":{"grpc":{"port":1,"service":""}}}]}}`,
		`{"spec":{"containers":[{"name":"n","volumeMounts":[{"mountPath":"/a","name":"v","readOnly":false,"mountPropagation":null,"subPath":""}],"stdin":false,"tty":true}]}}`,
		`{"spec":{"containers":[{"name":"n","securityContext":{"capabilities":{"add":[],"drop":["ALL"]},"privileged":false,"seccompProfile":{"type":"RuntimeDefault"},"runAsGroup":0}}]}}`,
		`{"spec":{"containers":[{"name":"n","resources":{"limits":{"cpu":"2000m","memory":"1024Mi","x":1},"requests":{},"claims":[{"name":"c"}]}}]}}`,
		`{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}]}},"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"podAffinityTerm":{"topologyKey":"k"}}]}}}}`,
		`{"spec":{"dnsConfig":{"options":[{"name":"ndots","value":"5"},{"name":"x"}]},"hostAliases":[{"ip":"1"}],"readinessGates":[{}],"securityContext":{"sysctls":[{"name":"a","value":"b"}],"fsGroup":1337,"supplementalGroups":[]}}}`,
		`{"spec":{"volumes":[{"name":"a","emptyDir":{"medium":"Memory","sizeLimit":null}},{"name":"b","projected":{"sources":[{"serviceAccountToken":{"path":"p","expirationSeconds":43200,"audience":"x"}},{"downwardAPI":{"items":[{"path":"l","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}},{"name":"c","secret":{"secretName":"s","optional":false,"defaultMode":0}},{"name":"d","hostPath":{"path":"/","type":""}},{"name":"e","csi":{"driver":"d","nodePublishSecretRef":{}}}]}}`,
		`{"spec":{"ephemeralContainers":[{"name":"d","targetContainerName":"a","image":"i","resources":{}}]}}`,
		`{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"k","name":"n","uid":"u","controller":false}],"deletionTimestamp":"2020-02-29T23:59:59-07:30","deletionGracePeriodSeconds":0}}`,
		`{"metadata":{"creationTimestamp":"2021-02-29T00:00:00Z"}}`, `{"metadata":{"creationTimestamp":"2021-13-01T00:00:00Z"}}`,
		`{"metadata":{"creationTimestamp":"2021-01-01T25:00:00Z"}}`, `{"metadata":{"creationTimestamp":"2021-01-01T00:00:00Zx"}}`,
		`{"metadata":{"creationTimestamp":"2021-01-01 00:00:00Z"}}`, `{"metadata":{"creationTimestamp":"2021-01-01T00:00:00"}}`,
		`{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}`, `{"metadata":{"labels":{"__proto__":1}}}`,
		`{"spec":{"containers":"x"}}`, `{"spec":{"containers":[[]]}}`, `{"spec":{"containers":[{"args":"x"}]}}`, `{"spec":{"containers":[{"args":[1]}]}}`,
		`{"spec":{"imagePullSecrets":[{"name":1}]}}`, `{"metadata":{"name":{}}}`, `{"metadata":"x"}`, `{"kind":1}`, `{"apiVersion":[]}`,
		`{"spec":{"priority":1.5}}`, `{"spec":{"terminationGracePeriodSeconds":"30"}}`, `{"spec":{"containers":[{"envFrom":[{"configMapRef":{"name":"a","optional":"x"}}]}]}}`,
	} {
		rows = append(rows, "["+input+","+read(input)+"]")
	}
	fmt.Println("[\n" + strings.Join(rows, ",\n") + "\n]")
}

func read(input string) string {
	var pod corev1.Pod
	var out any = &pod
	if err := json.Unmarshal([]byte(input), &pod); err != nil {
		out = map[string]string{"error": err.Error()}
	}
	printed, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(printed)
}
