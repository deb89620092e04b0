/** What a reader finds wherever their shell runs: a name, a prompt, completion, the command `lab`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const READER = { name: 'learner', uid: 1000, gid: 1000, home: '/home/learner' } as const

/** Where the shell's settings are, and beside them `completion`. */
export const BASHRC = '/etc/quayside/bashrc'

/** The program of the command `lab`; where it lies is each provider's affair. */
export const labCommand = readFileSync(join(import.meta.dirname, 'lab-command.sh'), 'utf8')

/** Environment of all that runs as the reader. */
export const readerEnvironment = [
  `HOME=${READER.home}`,
  `USER=${READER.name}`,
  `KUBECONFIG=${READER.home}/.kube/config`,
  `HISTFILE=${READER.home}/.bash_history`,
  'TERM=xterm-256color',
  'LANG=C.UTF-8',
  // What `kubectl edit` opens: a newcomer finds the way out of it
  'EDITOR=lab edit',
  'KUBE_EDITOR=lab edit',
]

/** kubectl's completion asks bash-completion for the words of the line; that package alone would be larger than this. */
export const bashrc = `
PS1='${READER.name}@lab:\\w\\$ '
HISTSIZE=2000
PROMPT_COMMAND='history -a'
shopt -s checkwinsize histappend
alias k=kubectl ls='ls --color=auto' grep='grep --color=auto'
_get_comp_words_by_ref() {
  while [ $# -gt 0 ]; do
    case $1 in
      -n) shift ;;
      cur) cur=\${COMP_WORDS[COMP_CWORD]} ;;
      prev) prev=\${COMP_WORDS[COMP_CWORD-1]} ;;
      words) words=("\${COMP_WORDS[@]}") ;;
      cword) cword=$COMP_CWORD ;;
    esac
    shift
  done
}
__ltrim_colon_completions() { :; }
[ -r /etc/quayside/completion ] && . /etc/quayside/completion && complete -o default -F __start_kubectl k
complete -W 'help nodes node stop-node start-node cut-off reconnect slow edit' lab
type helm > /dev/null 2>&1 || helm() { echo 'There is no Helm in this shell: the server has none and could not fetch one. All other labs do without.' >&2; return 127; }
[ -r ~/.bashrc ] && . ~/.bashrc
true
`
