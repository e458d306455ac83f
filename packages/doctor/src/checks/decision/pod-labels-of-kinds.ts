import { apiGroup } from '@proa/kube'
import type { ObjectName } from '../../finding.ts'

/** Where kinds of well-known operators keep the labels of the Pods that they make, by group and kind. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['argoproj.io/Rollout', 'spec.template.metadata.labels'],
  ['argoproj.io/Workflow', 'spec.podMetadata.labels'],
  ['argoproj.io/CronWorkflow', 'spec.workflowSpec.podMetadata.labels'],
  ['serving.knative.dev/Service', 'spec.template.metadata.labels'],
  ['serving.knative.dev/Configuration', 'spec.template.metadata.labels'],
  ['kafka.strimzi.io/Kafka', 'spec.kafka.template.pod.metadata.labels'],
  ['kafka.strimzi.io/KafkaConnect', 'spec.template.pod.metadata.labels'],
  ['monitoring.coreos.com/Prometheus', 'spec.podMetadata.labels'],
  ['monitoring.coreos.com/Alertmanager', 'spec.podMetadata.labels'],
  ['monitoring.coreos.com/ThanosRuler', 'spec.podMetadata.labels'],
  ['elasticsearch.k8s.elastic.co/Elasticsearch', 'spec.nodeSets[].podTemplate.metadata.labels'],
  ['kibana.k8s.elastic.co/Kibana', 'spec.podTemplate.metadata.labels'],
  ['flink.apache.org/FlinkDeployment', 'spec.podTemplate.metadata.labels'],
  ['sparkoperator.k8s.io/SparkApplication', 'spec.driver.labels, spec.executor.labels'],
  [
    'ray.io/RayCluster',
    'spec.headGroupSpec.template.metadata.labels, spec.workerGroupSpecs[].template.metadata.labels',
  ],
  ['kubeflow.org/PyTorchJob', 'spec.pytorchReplicaSpecs.*.template.metadata.labels'],
  ['kubeflow.org/TFJob', 'spec.tfReplicaSpecs.*.template.metadata.labels'],
  ['rabbitmq.com/RabbitmqCluster', 'spec.override.statefulSet.spec.template.metadata.labels'],
  ['cassandra.datastax.com/CassandraDatacenter', 'spec.podTemplateSpec.metadata.labels'],
  ['batch.volcano.sh/Job', 'spec.tasks[].template.metadata.labels'],
  ['apps.kruise.io/CloneSet', 'spec.template.metadata.labels'],
  ['apps.kruise.io/StatefulSet', 'spec.template.metadata.labels'],
  ['apps.kruise.io/DaemonSet', 'spec.template.metadata.labels'],
  ['tekton.dev/TaskRun', 'metadata.labels'],
  ['tekton.dev/PipelineRun', 'metadata.labels'],
])

/** Undefined for kinds that are not known here. */
export function podLabelsOf({ apiVersion, kind }: ObjectName): string | undefined {
  return PLACES.get(`${apiGroup(apiVersion)}/${kind}`)
}
