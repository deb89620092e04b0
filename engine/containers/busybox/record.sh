#!/bin/sh
# Records what a real busybox says to the scripts of scripts.txt: each is run by `sh -c` in an empty directory, in one container without
# a network. Usage: record.sh <image> > recorded.jsonl, where <image> is busybox:1.36 of Docker's library.
set -e
here=$(dirname "$0")
docker run --rm -i --network none --tmpfs /work "${1:?image}" sh -c '
each() {
  [ -n "$script" ] || return 0
  rm -rf /work/*; cd /work
  printf "%s" "$script" > /tmp/script
  code=0; env -i PATH="$PATH" HOME=/root sh -c "$script" </dev/null >/tmp/out 2>/tmp/err || code=$?
  printf "%s %s %s %s\n" "$code" "$(base64 -w 0 /tmp/script)" "$(base64 -w 0 /tmp/out)" "$(base64 -w 0 /tmp/err)"
}
while IFS= read -r script; do each; done
' <"$here/scripts.txt" | node -e '
const text = (base64) => Buffer.from(base64, "base64").toString()
for (const line of require("fs").readFileSync(0, "utf8").trim().split("\n")) {
  const [code, script, stdout = "", stderr = ""] = line.split(" ")
  // Of how an applet is used, only whose use it is: the rest is text of its own.
  const shown = text(stderr).replace(/BusyBox v1.*\n\nUsage: (\S+).*(?:\nor: .*|\n\n(?!\w+: |sh: ).*|\n\t.*|\n[A-Z].*|\nhave an.*)*/g, "BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.\n\nUsage: $1")
  console.log(JSON.stringify({ script: text(script), stdout: text(stdout), stderr: shown, code: Number(code) }))
}'
