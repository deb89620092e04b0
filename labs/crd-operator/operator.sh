#!/bin/bash
# An operator for Websites. It looks at what is wished for and at what is
# there, and makes them equal, again and again.
# It ends when its file operator.pid is gone: rm operator.pid

if kill -0 "$(cat operator.pid 2> /dev/null)" 2> /dev/null; then
  echo "The operator runs already."
  exit
fi
echo $$ > operator.pid
echo "The operator looks after Websites."

while [ "$(cat operator.pid 2> /dev/null)" = $$ ]; do
  # 1. Each Website as the manifests that it needs. Only what changes is told.
  wanted=$(kubectl get websites -o go-template-file=website.tmpl)
  [ -n "$wanted" ] && kubectl apply -f - <<< "$wanted" | grep -v unchanged

  # 2. What is there, written into the status, if it is another than before.
  for site in $(kubectl get websites -o name); do
    told=$(kubectl get "$site" -o jsonpath='{.status.ready}')
    is=$(kubectl get deployment "${site#*/}" -o jsonpath='{.status.readyReplicas}')
    [ "${is:-0}" = "$told" ] ||
      kubectl patch "$site" --subresource=status --type=merge \
        -p "{\"status\": {\"ready\": ${is:-0}}}"
  done
  sleep 2
done
