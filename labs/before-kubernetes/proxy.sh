#!/usr/bin/env bash
# Gives the nginx of one machine the list of machines.txt, and has it read that:
#   bash proxy.sh worker-3
# nginx would leave out an address that fails, for ten seconds, and try the next. That is switched off here (max_fails=0,
# proxy_next_upstream off): it hides the trouble for a while, and does not mend the list.
{
  echo 'upstream shop {'
  for machine in $(cat machines.txt); do
    echo "  server $machine:9898 max_fails=0;"
  done
  echo '}'
  echo 'server {'
  echo '  listen 8080;'
  echo '  location / { proxy_pass http://shop; proxy_connect_timeout 1s; proxy_next_upstream off; }'
  echo '}'
} | kubectl exec -i "proxy-$1" -- sh -c 'cat > /etc/nginx/conf.d/shop.conf && nginx -s reload' || exit 1
echo "$1: the proxy now asks $(paste -s -d ' ' machines.txt)"
