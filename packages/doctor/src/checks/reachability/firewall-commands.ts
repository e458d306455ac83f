import { shellWord } from '../../fixes/kubectl.ts'
import type { Text } from '../../language.ts'
import type { Provider } from '../../mesh/provider.ts'

export interface FirewallAdvice {
  readonly name: string
  readonly text: Text
  readonly commands: readonly string[]
}

/** How a provider's firewall is opened for the webhook port, with the names that the nodes show. */
export function firewallAdvice(provider: Provider, port: number): FirewallAdvice {
  switch (provider.kind) {
    case 'gke':
      return gke(provider, port)
    case 'eks':
      return eks(provider, port)
    case 'aks':
      return aks(provider, port)
  }
}

/** What stands in a command where a name is not known. */
const open = (name: string, hole: string): string => (name === '' ? hole : shellWord(name))

function gke({ project, cluster }: Provider & { readonly kind: 'gke' }, port: number): FirewallAdvice {
  const where = `--project ${open(project, 'PROJECT')}`
  return {
    name: 'GKE',
    text: {
      en: `Private GKE clusters let the control plane reach only ports 443 and 10250 of the nodes: allow ${port}, too`,
      zh: `GKE 私有集群默认只允许控制平面访问节点的 443 和 10250 端口：再放行 ${port}`,
    },
    commands: [
      `RULE=$(gcloud compute firewall-rules list ${where} --filter="name~gke-${open(cluster, 'CLUSTER')}-[0-9a-z]*-master" --format="value(name)")`,
      `gcloud compute firewall-rules update "$RULE" ${where} --allow tcp:10250,tcp:443,tcp:${port}`,
    ],
  }
}

function eks({ region, cluster, instance }: Provider & { readonly kind: 'eks' }, port: number): FirewallAdvice {
  const where = `--region ${open(region, 'REGION')}`
  return {
    name: 'EKS',
    text: {
      en: `The security group of the nodes has to let the cluster's security group come to port ${port}`,
      zh: `节点的安全组需要允许集群安全组访问端口 ${port}`,
    },
    commands: [
      `CONTROL_PLANE=$(aws eks describe-cluster ${where} --name ${open(cluster, 'CLUSTER')} --query cluster.resourcesVpcConfig.clusterSecurityGroupId --output text)`,
      `NODES=$(aws ec2 describe-instances ${where} --instance-ids ${open(instance, 'INSTANCE')} --query 'Reservations[0].Instances[0].SecurityGroups[0].GroupId' --output text)`,
      `aws ec2 authorize-security-group-ingress ${where} --group-id "$NODES" --protocol tcp --port ${port} --source-group "$CONTROL_PLANE"`,
    ],
  }
}

function aks({ resourceGroup }: Provider & { readonly kind: 'aks' }, port: number): FirewallAdvice {
  const where = `--resource-group ${open(resourceGroup, 'NODE_RESOURCE_GROUP')}`
  return {
    name: 'AKS',
    text: {
      en: `The network security group of the nodes has to let the control plane come to port ${port}`,
      zh: `节点的网络安全组需要允许控制平面访问端口 ${port}`,
    },
    commands: [
      `NSG=$(az network nsg list ${where} --query '[0].name' --output tsv)`,
      `az network nsg rule create ${where} --nsg-name "$NSG" --name AllowInjector --priority 200 --direction Inbound --access Allow --protocol Tcp --source-address-prefixes VirtualNetwork --destination-port-ranges ${port}`,
    ],
  }
}
