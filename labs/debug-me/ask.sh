# Asks each service of the shop, from inside the cluster.
for service in catalog stock mail cart search; do
  if kubectl exec client -- wget -q -O /dev/null "http://$service/" 2> /dev/null; then
    echo "$service answers"
  else
    echo "$service does not answer"
  fi
done
