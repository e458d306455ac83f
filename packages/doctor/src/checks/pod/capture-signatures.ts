import type { Text } from '../../language.ts'

/** Why rules could not be made, by what istio-init or istio-validation wrote. */
export interface CaptureSignature {
  readonly code:
    | 'not-allowed'
    | 'backend'
    | 'modules'
    | 'twice'
    | 'read-only'
    | 'ipv6'
    | 'locked'
    | 'not-captured'
    | 'failed'
  readonly pattern: RegExp
  readonly what: Text
  readonly fix: Text
}

const RECREATE: Text = {
  en: 'delete the Pod; a new one has a clean network',
  zh: '删除该 Pod；新 Pod 拥有干净的网络',
}

/**
 * The order decides: what says most stands first. Texts are those of iptables, nft and istio-iptables (tools/istio-iptables), as
 * users report them.
 */
export const CAPTURE_SIGNATURES: readonly CaptureSignature[] = [
  {
    code: 'not-captured',
    pattern: /iptables validation failed; workload is not ready/i,
    what: {
      en: 'the traffic of the Pod is not redirected: the CNI plugin was not there when the Pod was started on the node',
      zh: 'Pod 的流量没有被重定向：Pod 在该节点启动时 CNI 插件尚未就绪',
    },
    fix: {
      en: 'Look whether istio-cni-node runs on the node, then delete the Pod, so that it is started with the plugin',
      zh: '检查该节点上的 istio-cni-node 是否运行，然后删除 Pod，使其在插件就绪后重启',
    },
  },
  {
    code: 'not-allowed',
    pattern:
      /Permission denied \(you must be root\)|Operation not permitted \(you must be root\)|Could not fetch rule set generation id: (?:Operation not permitted|Permission denied)|(?:iptables|nft)\S{0,40}:? [^\n]{0,200}Operation not permitted/i,
    what: {
      en: 'istio-init may not change the network of the Pod: it does not run as root with NET_ADMIN and NET_RAW, or SELinux forbids it',
      zh: 'istio-init 无权修改 Pod 的网络：未以具有 NET_ADMIN 和 NET_RAW 的 root 运行，或被 SELinux 禁止',
    },
    fix: {
      en: 'Find out what takes the rights away (a policy that drops capabilities, SELinux, runAsUser of another webhook), or use the CNI plugin',
      zh: '查明权限被谁移除（丢弃 capability 的策略、SELinux、其他 webhook 设置的 runAsUser），或改用 CNI 插件',
    },
  },
  {
    code: 'read-only',
    pattern:
      /(?:xtables\.lock|lock file)[^\n]{0,100}(?:Read-only file system|Permission denied)|Read-only file system/i,
    what: {
      en: 'istio-init cannot write its lock or its rules file: its file system is read-only',
      zh: 'istio-init 无法写入锁文件或规则文件：其文件系统为只读',
    },
    fix: {
      en: 'Set readOnlyRootFilesystem: false for istio-init (the template does; something changed it), or use the CNI plugin',
      zh: '为 istio-init 设置 readOnlyRootFilesystem: false（模板已设置，但被其他组件修改），或改用 CNI 插件',
    },
  },
  {
    code: 'twice',
    pattern:
      /Chain already exists|iptables-restore(?:\.\w+)?: line 2 failed|Chain '?ISTIO_\w+'? already exists|Could not process rule: File exists/i,
    what: {
      en: 'the rules are there already: istio-init ran a second time in the same Pod (its container was removed, or the node cleaned up)',
      zh: '规则已经存在：istio-init 在同一 Pod 中第二次运行（其容器被删除，或节点执行了清理）',
    },
    fix: {
      en: `The running containers still work. To get rid of the error, ${RECREATE.en}; keep "docker system prune" and the like away from init containers`,
      zh: `正在运行的容器仍可工作。要消除错误，请${RECREATE.zh}；避免 "docker system prune" 之类的操作清理 init 容器`,
    },
  },
  {
    code: 'ipv6',
    pattern:
      /ip6tables[^\n]{0,200}(?:Table does not exist|can't initialize|unable to initialize|No chain\/target\/match|no loaded kernel support)|Failed to (?:detect a working ip6tables|add IPv6|assign)[^\n]{0,100}/i,
    what: {
      en: 'the kernel of the node has no netfilter for IPv6, which istio-init wants because the Pod has an IPv6 address',
      zh: '节点内核没有 IPv6 netfilter，而 Pod 有 IPv6 地址，istio-init 需要它',
    },
    fix: {
      en: 'Load ip6_tables, ip6table_nat and ip6table_mangle on the node, or give the Pods no IPv6 addresses',
      zh: '在节点上加载 ip6_tables、ip6table_nat 和 ip6table_mangle，或不为 Pod 分配 IPv6 地址',
    },
  },
  {
    code: 'backend',
    pattern:
      /(?:RULE_APPEND|RULE_INSERT|CHAIN_ADD|CHAIN_USER_ADD|TABLE_ADD|TABLE_FLUSH)\s+failed|table `?\w+'? is incompatible, use 'nft' tool|Warning: iptables-legacy tables present|no loaded kernel support and cannot be used|Failed to initialize nft|Could not process rule: (?:Operation not supported|No such file or directory)/i,
    what: {
      en: 'iptables of the proxy image uses another backend (legacy or nft) than the kernel of the node supports',
      zh: '代理镜像的 iptables 后端（legacy 或 nft）与节点内核支持的后端不一致',
    },
    fix: {
      en: 'Load the modules of one backend on the node: nf_tables, nft_chain_nat, nft_compat for nft; ip_tables, iptable_nat, iptable_mangle for legacy. Nodes without legacy tables (RHEL 10) want values.global.nativeNftables=true (since Istio 1.27)',
      zh: '在节点上加载其中一种后端的模块：nft 为 nf_tables、nft_chain_nat、nft_compat；legacy 为 ip_tables、iptable_nat、iptable_mangle。没有 legacy 表的节点（RHEL 10）请设置 values.global.nativeNftables=true（Istio 1.27 起）',
    },
  },
  {
    code: 'modules',
    pattern:
      /Table does not exist \(do you need to insmod\?\)|(?:can't|unable to) initialize (?:iptables )?table|No chain\/target\/match by that name|Couldn't load (?:match|target)|Extension \S+ revision \d+ not supported|unknown option "--to-ports?"/i,
    what: {
      en: 'the kernel of the node lacks a netfilter module: xt_REDIRECT, xt_owner, iptable_nat or iptable_mangle',
      zh: '节点内核缺少 netfilter 模块：xt_REDIRECT、xt_owner、iptable_nat 或 iptable_mangle',
    },
    fix: {
      en: 'Load them on the node, and at each start of it: printf "br_netfilter\\nnf_nat\\nxt_REDIRECT\\nxt_owner\\niptable_nat\\niptable_mangle\\niptable_filter\\n" > /etc/modules-load.d/istio-iptables.conf',
      zh: '在节点上加载并设为开机加载：printf "br_netfilter\\nnf_nat\\nxt_REDIRECT\\nxt_owner\\niptable_nat\\niptable_mangle\\niptable_filter\\n" > /etc/modules-load.d/istio-iptables.conf',
    },
  },
  {
    code: 'locked',
    pattern: /Another app is currently holding the xtables lock/i,
    what: {
      en: 'somebody else holds the lock of iptables',
      zh: '其他进程占用了 iptables 锁',
    },
    fix: { en: `Wait, or ${RECREATE.en}`, zh: `稍候，或${RECREATE.zh}` },
  },
  {
    code: 'failed',
    pattern: /iptables-restore(?:\.\w+)?: line \d+ failed|Failed to execute: ip6?tables|failed to execute: ip6?tables/,
    what: { en: 'iptables refused a rule', zh: 'iptables 拒绝了一条规则' },
    fix: {
      en: 'Read the log of the container: the line before tells the rule',
      zh: '查看该容器的日志：前一行给出了被拒绝的规则',
    },
  },
]

/** The signature in a log, with the line that it stands in. */
export function captureSignature(
  log: string,
): { readonly signature: CaptureSignature; readonly line: string } | undefined {
  for (const signature of CAPTURE_SIGNATURES) {
    const found = signature.pattern.exec(log)
    if (found === null) continue
    const start = log.lastIndexOf('\n', found.index) + 1
    const end = log.indexOf('\n', found.index)
    return {
      signature,
      line: log
        .slice(start, end === -1 ? undefined : end)
        .trim()
        .slice(0, 300),
    }
  }
  return undefined
}
