#!/bin/bash
# Reads the counter http_requests_total of each copy of the shop twice,
# ten seconds apart, and prints how fast it grows.

read_counters() {
  for pod in $(kubectl get pods -l app=shop -o jsonpath='{.items[*].metadata.name}'); do
    path=/api/v1/namespaces/default/pods/$pod:9797/proxy/metrics
    kubectl get --raw "$path" |
      sed -n "s/^http_requests_total{status=\"\(.*\)\"}/$pod \1/p"
  done
}

declare -A before
while read -r pod status count; do
  before[$pod,$status]=$count
done < <(read_counters)

sleep 10

read_counters | while read -r pod status count; do
  grown=$((count - ${before[$pod,$status]:-0}))
  echo "$pod  status $status  $((grown / 10)).$((grown % 10)) per second"
done
