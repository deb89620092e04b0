#!/usr/bin/env bash
# The command `lab` of a reader's shell: what a lab does to machines from outside, and what the page does for the shell.
# A wish is an annotation on the Node; the lab server sees it, does it, and answers in another one.
set -u

state='{.metadata.annotations.quayside\.dev/state}'
wanted='{.metadata.annotations.quayside\.dev/wanted}'
answered='{.metadata.annotations.quayside\.dev/answered}'
trouble='{.metadata.annotations.quayside\.dev/trouble}'
ready='{range .status.conditions[?(@.type=="Ready")]}{.status}{end}'

fail() {
  echo "lab: $1" >&2
  exit 1
}

help() {
  cat <<'HELP'
What you can do to this lab from outside:

  lab nodes               the machines, by their short and full names
  lab node worker-2       the full name of one, for kubectl
  lab stop-node worker-2  switch it off, as if its plug were pulled
  lab start-node worker-2 switch it on again
  lab cut-off worker-2    take it off the network; its containers run on
  lab reconnect worker-2  put it back on the network
  lab slow worker-2       let everything on it take 4 times as long; 10 times: lab slow worker-2 10
  lab slow worker-2 1     back to its own speed
  lab edit FILE           open a file in the page's panel Files, and wait until it is closed there

Only workers can be switched; the control plane stays on.
HELP
}

# worker, worker2, lab-x7-worker2: the last part of the full name says which it is
short_of() {
  case $1 in
    *control-plane) echo control-plane ;;
    *worker) echo worker-1 ;;
    *) echo "worker-${1##*worker}" ;;
  esac
}

names() {
  kubectl get nodes --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
}

# The full name of a node that was named in any way
full_name() {
  local given=$1 wish=$1 all name
  all=$(names) || exit 1
  case $given in
    worker | worker1) wish=worker-1 ;;
    worker[2-9]) wish=worker-${given#worker} ;;
  esac
  for name in $all; do
    if [ "$name" = "$given" ] || [ "$(short_of "$name")" = "$wish" ]; then
      echo "$name"
      return
    fi
  done
  echo "lab: there is no node \"$given\". These are there: $(for name in $all; do short_of "$name"; done | paste -s -d ' ' -)" >&2
  exit 1
}

state_of() {
  local found
  found=$(kubectl get node "$1" --output "jsonpath=$state") || exit 1
  echo "${found:-running}"
}

nodes() {
  local name is_ready now
  printf '%-15s %-30s %-12s %s\n' NODE 'FULL NAME' STATE READY
  kubectl get nodes --output "jsonpath={range .items[*]}{.metadata.name}{\"|\"}$ready{\"|\"}$state{\"\\n\"}{end}" |
    while IFS='|' read -r name is_ready now; do
      case $now in
        stopped) now='off' ;;
        cut-off) now='cut off' ;;
        slow:*) now="${now#slow:} times slower" ;;
        *) now='on' ;;
      esac
      case $is_ready in
        True) is_ready=yes ;;
        *) is_ready=no ;;
      esac
      printf '%-15s %-30s %-12s %s\n' "$(short_of "$name")" "$name" "$now" "$is_ready"
    done
}

# Says what is wanted and waits for the answer, in looks of half a second and more
wish() {
  local node=$1 text="$2 $RANDOM$RANDOM" looks=0 found
  kubectl annotate node "$node" --overwrite "quayside.dev/wanted=$text" >/dev/null || exit 1
  while [ $looks -lt 80 ]; do
    sleep 0.5
    looks=$((looks + 1))
    found=$(kubectl get node "$node" --output "jsonpath=$wanted|$answered|$trouble") || continue
    case $found in
      "$text|$text|") return ;;
      "$text|$text|"*) fail "${found#"$text|$text|"}" ;;
      "$text|"*) ;;
      *) fail "another command has since changed $(short_of "$node")." ;;
    esac
  done
  fail 'the lab server has not answered within a minute: try again, or reset the lab.'
}

on_worker() {
  [ $# -ge 2 ] || fail "which node? For example: lab $1 worker-1"
  node=$(full_name "$2") || exit 1
  name=$(short_of "$node")
  [ "$name" != control-plane ] || fail 'the control plane stays on: without it there is no cluster to look at. Try a worker.'
  now=$(state_of "$node") || exit 1
}

# Says something to the page that shows this terminal, by an escape sequence of our own
tell_page() {
  printf '\033]7117;%s\007' "$1" >/dev/tty
}

# Opens a file in the panel Files and waits until it is closed there. One outside the home goes there and back as a copy
edit() {
  local file=$1 waited=0 within copy='' path
  (: >/dev/tty) 2>/dev/null || fail 'files are edited in the panel Files of the page, and this is no terminal of it.'
  [ ! -d "$file" ] || fail "$file is a folder."
  [ -e "$file" ] || : >"$file" || exit 1
  id=e$RANDOM$RANDOM$$
  folder=$HOME/.quayside/edits/$id
  mkdir -p "$folder" || exit 1
  trap 'rm -rf "$folder"; tell_page "end;$id"' EXIT
  trap 'exit 130' INT TERM HUP
  path=$(cd -P -- "$(dirname -- "$file")" && pwd -P)/$(basename -- "$file") || exit 1
  within=$(cd -P -- "$HOME" && pwd -P)
  case $path in
    "$within"/*) [ ! -L "$path" ] || copy=$path ;;
    *) copy=$path ;;
  esac
  if [ -n "$copy" ]; then
    path=$within/.quayside/edits/$id/$(basename -- "$file")
    cat -- "$copy" >"$path" || exit 1
  fi
  tell_page "edit;$id;$(printf %s "${path#"$within"/}" | base64 | tr -d '\n')"
  # 5 s for a page to answer, and then as long as it takes
  until [ -e "$folder/open" ] || [ -e "$folder/done" ]; do
    sleep 0.1
    waited=$((waited + 1))
    [ $waited -lt 50 ] || fail 'no page has opened the file: look at the panel Files of this lab’s page, and try again.'
  done
  echo "Editing $(basename -- "$file") in the panel Files. Press Done there, or Ctrl+C here to leave it."
  until [ -e "$folder/done" ]; do
    [ ! -e "$folder/cancelled" ] || fail 'the file was left without Done.'
    sleep 0.2
  done
  if [ -n "$copy" ]; then cat -- "$path" >"$copy" || exit 1; fi
}

[ $# -gt 0 ] || set -- help
case $1 in
  help | -h | --help) help ;;
  nodes) nodes ;;
  node)
    [ $# -ge 2 ] || fail 'which node? For example: lab node worker-1'
    full_name "$2"
    ;;
  stop-node)
    on_worker "$@"
    [ "$now" != stopped ] || fail "$name is off already."
    wish "$node" stopped
    echo "$name is off. Kubernetes notices after about 50 s: kubectl get nodes --watch"
    ;;
  start-node)
    on_worker "$@"
    case $now in
      stopped) ;;
      cut-off) fail "$name is on, but cut off from the network: lab reconnect $name" ;;
      *) fail "$name is on already." ;;
    esac
    wish "$node" running
    echo "$name is switched on. It is Ready within half a minute: kubectl get nodes --watch"
    ;;
  cut-off)
    on_worker "$@"
    case $now in
      stopped) fail "$name is off: switch it on first, lab start-node $name" ;;
      cut-off) fail "$name is cut off already." ;;
    esac
    wish "$node" cut-off
    echo "$name is cut off, and its containers run on. Kubernetes notices after about 50 s: kubectl get nodes --watch"
    ;;
  reconnect)
    on_worker "$@"
    case $now in
      cut-off) ;;
      stopped) fail "$name is off: switch it on, lab start-node $name" ;;
      *) fail "$name is on the network already." ;;
    esac
    wish "$node" running
    echo "$name is on the network again. It is Ready within half a minute: kubectl get nodes --watch"
    ;;
  slow)
    on_worker "$@"
    factor=${3:-4}
    case $now in
      stopped) fail "$name is off: switch it on first, lab start-node $name" ;;
      cut-off) fail "$name is cut off: reconnect it first, lab reconnect $name" ;;
    esac
    case $factor in
      1)
        wish "$node" running
        echo "$name has its own speed again."
        ;;
      [2-9] | 1[0-9] | 20)
        wish "$node" "slow:$factor"
        echo "$name is slow: what computes there takes about $factor times as long. Back to its own speed: lab slow $name 1"
        ;;
      *) fail "how many times slower? A whole number from 1 to 20: lab slow $name 4" ;;
    esac
    ;;
  edit)
    [ $# -eq 2 ] || fail 'which file? For example: lab edit web.yaml'
    edit "$2"
    ;;
  *) fail "there is no \"lab $1\": lab help lists what there is." ;;
esac
