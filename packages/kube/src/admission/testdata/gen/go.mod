module proa/admission-oracle

go 1.25

require k8s.io/apiserver v0.34.2
