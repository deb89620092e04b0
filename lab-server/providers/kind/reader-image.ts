import { BASHRC, bashrc, labCommand, READER } from '../reader-home.ts'

/** Run as root in the container that becomes the node image. */
export const prepareImageScript = `set -e
mkdir -p /etc/quayside ${READER.home}
cat > ${BASHRC} <<'BASHRC'
${bashrc.trim()}
BASHRC
cat > /usr/local/bin/lab <<'LAB-COMMAND'
${labCommand.trim()}
LAB-COMMAND
chmod 755 /usr/local/bin/lab
for tool in kubectl helm; do
  if command -v "$tool" > /dev/null; then "$tool" completion bash; fi
done > /etc/quayside/completion
grep -q '^${READER.name}:' /etc/group || echo '${READER.name}:x:${READER.gid}:' >> /etc/group
grep -q '^${READER.name}:' /etc/passwd || echo '${READER.name}:x:${READER.uid}:${READER.gid}::${READER.home}:/bin/bash' >> /etc/passwd
chown ${READER.uid}:${READER.gid} ${READER.home}
`
