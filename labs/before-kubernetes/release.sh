#!/usr/bin/env bash
# Brings one version of the shop to every machine of machines.txt, one after the other:
#   bash release.sh 6.9.1
set -e
for machine in $(cat machines.txt); do
  bash on.sh "$machine" rm shop
  bash on.sh "$machine" run shop "ghcr.io/stefanprodan/podinfo:$1" 9898
done
