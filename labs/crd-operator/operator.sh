#!/bin/bash
# An operator for Websites: looks at what is wished for and at what is there, and makes them equal, again and again.
# It ends when its file operator.pid is gone: rm operator.pid

if kill -0 "$(cat operator.pid 2> /dev/null)" 2> /dev/null; then
  echo "The operator runs already."
  exit
fi
echo $$ > operator.pid
echo "The operator looks after Websites."

while [ "$(cat operator.pid 2> /dev/null)" = $$ ]; do
  # 1. Every Website, as the manifests that it needs. Of those that are as they should be, nothing is said.
  wanted=$(kubectl get websites -o go-template-file=website.tmpl)
  [ -n "$wanted" ] && kubectl apply -f - <<< "$wanted" | grep -v unchanged

  # 2. What is there, written into the status of each Website, if it is another than before.
  for site in $(kubectl get websites -o name); do
    name=${site#*/}
    told=$(kubectl get "$site" -o jsonpath='{.status.ready}')
    ready=$(kubectl get deployment "$name" -o jsonpath='{.status.readyReplicas}')
    [ "${ready:-0}" = "$told" ] ||
      kubectl patch "$site" --subresource=status --type=merge -p "{\"status\":{\"ready\":${ready:-0}}}"
  done
  sleep 2
done
