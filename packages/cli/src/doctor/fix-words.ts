/** What `--fix` says, beside the findings. */
export const FIX_WORDS = {
  en: {
    none: 'Nothing of this is repaired by a change that the doctor can make.',
    planned: (count: number) =>
      `${count} ${count === 1 ? 'change repairs' : 'changes repair'} what can be repaired (none is made: --dry-run)`,
    long: '(too long to be shown as a command; -o json has it, under fix.changes)',
    byHand: 'By hand:',
    apply: 'Make this change?',
    done: 'done',
    unchanged: 'it is not there any more',
    left: 'left as it is',
    afterwards: 'Afterwards:',
  },
  zh: {
    none: '其中没有 doctor 能够直接修改来修复的问题。',
    planned: (count: number) => `以下 ${count} 处修改可修复能够修复的问题（--dry-run：不做任何修改）`,
    long: '（命令过长，不在此显示；-o json 的 fix.changes 中有完整内容）',
    byHand: '需要手工处理：',
    apply: '进行这项修改？',
    done: '完成',
    unchanged: '对象已不存在',
    left: '保持不变',
    afterwards: '修改之后：',
  },
} as const
