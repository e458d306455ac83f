import type { Command, Option } from 'commander'

export type Shell = 'bash' | 'zsh' | 'fish'

/** What a shell has to know of one command: taken from the command tree, so that it is never out of date. */
interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Words that the command's own argument may be. */
  readonly words: readonly string[]
}

interface CompletedOption {
  readonly flags: readonly string[]
  readonly text: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

export function completionScript(program: Command, shell: Shell): string {
  const commands = describe(program)
  if (shell === 'fish') return fishScript(commands)
  return shell === 'bash' ? bashScript(commands) : zshScript(commands)
}

function describe(program: Command): CompletedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: [...command.options.filter((option) => !option.hidden).map(describeOption), help],
    words: [
      ...command.commands.map((one) => one.name()),
      ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    ],
  }))
}

const help: CompletedOption = { flags: ['-h', '--help'], text: 'print this help', takesValue: false, choices: [] }

function describeOption(option: Option): CompletedOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    text: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const valued = options.filter((option) => option.choices.length > 0)
    const choices = valued.map((option) => `      ${option.flags.join('|')}) words="${option.choices.join(' ')}" ;;`)
    const files = options.filter((option) => option.takesValue && option.choices.length === 0)
    const fileFlags = files.flatMap((option) => option.flags).join('|')
    const all = [...options.flatMap((option) => option.flags), ...words].join(' ')
    return [
      `    ${name})`,
      '      case "$previous" in',
      ...choices,
      ...(fileFlags === '' ? [] : [`      ${fileFlags}) COMPREPLY=($(compgen -f -- "$current")); return ;;`]),
      `      *) words="${all}" ;;`,
      '      esac ;;',
    ].join('\n')
  })
  return `# bash completion of proa
_proa() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} help --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${commands.map(({ name }) => name).join(' ')}" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -o bashdefault -F _proa proa
`
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')
  const cases = commands.map(({ name, options, words }) => {
    const specs = options.map((option) => `        ${zshOption(option)}`)
    const positional = words.length === 0 ? [] : [`        ${quote(`1:argument:(${words.join(' ')})`)}`]
    return `      ${name})\n        _arguments -s \\\n${[...specs, ...positional].join(' \\\n')} ;;`
  })
  return `#compdef proa
_proa() {
  local -a commands=(
${names}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_proa" ]; then _proa "$@"; else compdef _proa proa; fi
`
}

function zshOption({ flags, text, takesValue, choices }: CompletedOption): string {
  const description = text.replaceAll(/[[\]:]/g, (found) => `\\${found}`)
  const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : ''
  const exclusive = flags.length > 1 ? `(${flags.join(' ')})` : ''
  return flags.map((flag) => quote(`${exclusive}${flag}[${description}]${value}`)).join(' ')
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = ['# fish completion of proa', 'complete -c proa -f']
  for (const { name, summary, options, words } of commands) {
    lines.push(`complete -c proa -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`)
    const here = `complete -c proa -n ${quote(`__fish_seen_subcommand_from ${name}`)}`
    if (words.length > 0) lines.push(`${here} -a ${quote(words.join(' '))}`)
    for (const option of options) lines.push(`${here} ${fishOption(option)}`)
  }
  return `${lines.join('\n')}\n`
}

function fishOption({ flags, text, takesValue, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const value = !takesValue ? '' : choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -r -F'
  return `${names.join(' ')}${value} -d ${quote(text)}`
}

/** For all three shells: single quotes, a quote inside written as '\''. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
