#!/usr/bin/env bash
# Does on one machine what `ssh MACHINE docker …` would do:
#   bash on.sh worker-1 run shop IMAGE PORT
#   bash on.sh worker-1 ps
#   bash on.sh worker-1 rm shop
# The lab's nodes play the machines. A "container" is a bare Pod, bound to its node by name: its process is started again when it
# ends, as with `--restart unless-stopped`, and Kubernetes helps with nothing else.
machine=$1 command=$2 name=$3 image=$4 port=$5

if lab nodes | grep -q "^$machine  *[^ ]*  *off "; then
  echo "ssh: connect to host $machine port 22: No route to host" >&2
  exit 255
fi

case $command in
  run)
    kubectl apply -f - <<YAML > /dev/null || exit 1
apiVersion: v1
kind: Pod
metadata:
  name: $name-$machine
  labels: { app: $name, machine: $machine }
spec:
  nodeName: $(lab node "$machine")
  tolerations: [{ operator: Exists }]
  containers:
    - name: $name
      image: $image
      ports: [{ name: p$port, containerPort: $port }]
YAML
    kubectl wait "pod/$name-$machine" --for=condition=Ready --timeout=60s > /dev/null || exit 1
    sleep 1
    echo "$machine: $name is up, $image, port $port"
    ;;
  ps) kubectl get pods -l "machine=$machine" -o custom-columns=NAME:.metadata.labels.app,IMAGE:.spec.containers[0].image ;;
  rm) kubectl delete pod "$name-$machine" --now > /dev/null && echo "$machine: $name is gone" ;;
  *) echo "on.sh: expected run, ps or rm" >&2 && exit 1 ;;
esac
