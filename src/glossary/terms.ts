/** A word that the pages use, as someone explains it who has run containers and little more. */
export interface GlossaryTerm {
  /** As it is written in a sentence. */
  name: string
  /** One to three sentences. */
  text: string
  /** What comes nearest to it with Docker, where something does. */
  docker?: string
  /** Id of the page that shows it. */
  page?: string
}

/** By the id under which pages name it, which is also its anchor in the glossary. */
export const terms = {
  'access-mode': {
    name: 'access mode',
    text: 'Who may use a volume at once: one node (`ReadWriteOnce`), one Pod (`ReadWriteOncePod`), many nodes to read (`ReadOnlyMany`) or to write (`ReadWriteMany`). Not every kind of storage offers each.',
  },
  affinity: {
    name: 'affinity',
    text: 'A wish about placement: near these Pods, away from those, on nodes with this label. The scheduler follows it strictly or as well as it can, as you say.',
    docker: 'Swarm: `--constraint` and `--placement-pref`',
    page: 'concepts/nodes-and-scheduling',
  },
  alertmanager: {
    name: 'Alertmanager',
    text: 'Takes alerts from Prometheus, puts those that belong together into one message, and sends it to whoever is on call.',
  },
  annotation: {
    name: 'annotation',
    text: 'A note on an object, for people and tools. Unlike a label it cannot be used to select objects.',
    docker: 'a label that nothing filters by',
  },
  'api-server': {
    name: 'API server',
    text: 'The one door to a cluster. Everything that reads or changes the cluster asks it: you, the controllers, the scheduler, every kubelet. It checks who asks, checks what is asked, and stores it in etcd.',
    docker: 'the API of the Docker daemon, for one machine',
    page: 'concepts/control-plane',
  },
  chart: {
    name: 'chart',
    text: 'A package for Helm: manifests with gaps, and default values for the gaps.',
    docker: 'a Compose file with variables',
    page: 'concepts/packaging',
  },
  cluster: {
    name: 'cluster',
    text: 'A control plane and the nodes that it looks after. You talk to the whole, not to a machine of it.',
    docker: 'a swarm; without Swarm mode, nothing',
  },
  'cluster-autoscaler': {
    name: 'Cluster Autoscaler',
    text: 'Asks the cloud for another machine when Pods find no room, and gives machines back that stand empty. Karpenter is another tool for it.',
  },
  'cluster-ip': {
    name: 'ClusterIP',
    text: 'The ordinary type of Service: an address that stays the same and that only works inside the cluster.',
    docker: 'the name of a service on a Compose network; in a swarm, its virtual IP',
    page: 'concepts/load-balancing',
  },
  cni: {
    name: 'CNI',
    text: 'The interface between Kubernetes and the plug-in that gives each Pod its network address. Calico and Cilium are such plug-ins.',
    docker: 'network drivers: `bridge`, `overlay`',
  },
  compose: {
    name: 'Docker Compose',
    text: 'Starts several containers from one file, on one machine. `docker compose up` compares the file with what runs and changes what differs, once, when you call it.',
    page: 'why/compose-and-swarm',
  },
  configmap: {
    name: 'ConfigMap',
    text: 'Settings kept apart from the image. A Pod gets them as environment variables or as files.',
    docker: '`environment`, `env_file`, `configs` in Compose',
    page: 'concepts/configuration',
  },
  container: {
    name: 'container',
    text: 'A process with a file system of its own, from an image, that sees little of the machine around it. It shares the kernel of the machine.',
  },
  'container-runtime': {
    name: 'container runtime',
    text: 'The program on a node that really starts containers. The kubelet talks to it over an interface called CRI. Usual ones are containerd and CRI-O.',
    docker: 'containerd, which Docker Engine uses too',
    page: 'concepts/control-plane',
  },
  containerd: { name: 'containerd', text: 'The container runtime of most clusters. Docker Engine uses it, too.' },
  'control-plane': {
    name: 'control plane',
    text: 'The part of a cluster that decides: API server, etcd, scheduler and controllers. Your own Pods usually run elsewhere. While it is away they go on, but nothing is repaired or changed.',
    docker: 'the managers of a swarm',
    page: 'concepts/control-plane',
  },
  controller: {
    name: 'controller',
    text: 'A loop that compares a wish with what is, and does something about the difference. There is one for Deployments, one for ReplicaSets, one for nodes, and many more.',
    docker: 'you, with a script; in a swarm, the orchestrator',
    page: 'concepts/desired-state',
  },
  'controller-manager': {
    name: 'controller manager',
    text: 'The program of the control plane in which the built-in controllers run.',
    page: 'concepts/control-plane',
  },
  cordon: {
    name: 'cordon',
    text: 'To mark a node so that no new Pods are placed on it. What runs there stays.',
    docker: 'Swarm: `docker node update --availability pause`',
    page: 'concepts/nodes-and-scheduling',
  },
  coredns: {
    name: 'CoreDNS',
    text: 'The DNS server of a cluster. It answers the name of a Service with its address.',
    docker: 'the DNS that each network of your own has built in',
  },
  'crash-loop': {
    name: 'CrashLoopBackOff',
    text: 'What kubectl shows for a container that ends again and again. The kubelet starts it again after pauses that grow up to five minutes.',
    docker: 'the pauses of a restart policy, which grow up to one minute',
  },
  crd: {
    name: 'CustomResourceDefinition',
    text: 'Teaches the API server a new kind of object, for example `Backup`. From then on `kubectl get backups` works like any other.',
    page: 'concepts/packaging',
  },
  cri: {
    name: 'CRI',
    text: 'The interface over which the kubelet tells a container runtime what to start. Docker Engine does not speak it; the adapter for it, dockershim, was removed in Kubernetes 1.24.',
  },
  cronjob: {
    name: 'CronJob',
    text: 'Makes a Job at set times.',
    docker: 'cron on the machine, and `docker run`',
  },
  csi: {
    name: 'CSI',
    text: 'The interface between Kubernetes and a storage system that makes, attaches and grows volumes.',
    docker: 'volume drivers',
  },
  daemonset: {
    name: 'DaemonSet',
    text: 'One Pod on each node, also on nodes that join later. For collectors of logs and metrics, and for networking.',
    docker: 'Swarm: `--mode global`',
  },
  deployment: {
    name: 'Deployment',
    text: 'The usual way to run a program without data of its own: this image, so many copies, changed step by step when you change it. It works through ReplicaSets and can go back to an earlier one.',
    docker: 'a service in a Compose file; in a swarm, `docker service create`',
    page: 'concepts/rollouts',
  },
  'desired-state': {
    name: 'desired state',
    text: 'What should be, as you wrote it down: “three copies of version 2”. Not the steps to get there.',
    docker: 'a Compose file, while someone runs `up`; in a swarm, a service',
    page: 'concepts/desired-state',
  },
  'docker-engine': {
    name: 'Docker Engine',
    text: 'The daemon and its command line that build images and run containers on one machine. Below it works containerd.',
    page: 'why/what-docker-does',
  },
  dockerfile: {
    name: 'Dockerfile',
    text: 'The recipe for an image, line by line. Kubernetes never reads it: it takes the finished image.',
    page: 'why/what-docker-does',
  },
  dockershim: {
    name: 'dockershim',
    text: 'The adapter between the kubelet and Docker Engine. It was removed in Kubernetes 1.24. Images are not concerned.',
  },
  drain: {
    name: 'drain',
    text: 'To empty a node before work on it: cordon it, then ask its Pods to go. Their controllers make new ones elsewhere.',
    docker: 'Swarm: `docker node update --availability drain`',
    page: 'concepts/nodes-and-scheduling',
  },
  drift: {
    name: 'drift',
    text: 'When what runs is no longer what was written down. A controller sees it and corrects it, as far as its object says what should be.',
    docker: 'stays until the next `docker compose up`',
    page: 'concepts/desired-state',
  },
  'empty-dir': {
    name: 'emptyDir',
    text: 'A volume that begins empty and lives as long as its Pod. Containers of the Pod share it.',
    docker: '`--tmpfs`, or a volume without a name',
  },
  endpointslice: {
    name: 'EndpointSlice',
    text: 'The list of addresses behind a Service, and whether each is ready. Kubernetes keeps it up to date by itself.',
    docker: 'the answers of the built-in DNS, without regard to health',
    page: 'concepts/load-balancing',
  },
  etcd: {
    name: 'etcd',
    text: 'The database of the control plane. Every object of the cluster is in it, and only the API server reads and writes it. Three or five of them keep a majority when one fails.',
    docker: 'Swarm: the Raft log of the managers',
    page: 'concepts/control-plane',
  },
  event: {
    name: 'Event',
    text: 'A short message of the cluster about an object: placed, pulled, failed its probe. Kept for one hour by default.',
    docker: '`docker events`',
    page: 'concepts/observability',
  },
  eviction: {
    name: 'eviction',
    text: 'When a Pod is asked to leave its node: because the node is drained, is short of memory or disk, or has been out of reach for too long.',
  },
  'fluent-bit': {
    name: 'Fluent Bit',
    text: 'Collects the logs of all containers of a node and sends them to a place where you can search them.',
    docker: 'logging drivers',
    page: 'concepts/observability',
  },
  'gateway-api': {
    name: 'Gateway API',
    text: 'Rules for traffic from outside: which host name and path go to which Service. It follows Ingress, and new work goes into it. A controller that you install carries it out.',
    docker: 'a reverse proxy that you run, such as Traefik or nginx',
    page: 'concepts/ingress-and-gateway',
  },
  'graceful-termination': {
    name: 'graceful termination',
    text: 'A Pod that has to go first gets a signal (SIGTERM) and time to finish, 30 seconds by default. Then it is killed.',
    docker: '`docker stop`, with 10 seconds by default',
  },
  grafana: {
    name: 'Grafana',
    text: 'Draws dashboards from metrics and logs, for example from those of Prometheus.',
    page: 'concepts/observability',
  },
  'headless-service': {
    name: 'headless Service',
    text: 'A Service without an address of its own: its name leads to the addresses of all its ready Pods. A StatefulSet uses it to give each Pod a name.',
    docker: 'the name of a service in Compose; in a swarm, `--endpoint-mode dnsrr`',
  },
  helm: {
    name: 'Helm',
    text: 'A package manager: it fills the gaps of a chart with your values, installs the result, and remembers each release so that it can go back.',
    docker: 'Compose files, passed around',
    page: 'concepts/packaging',
  },
  'host-path': {
    name: 'hostPath',
    text: 'A volume that is a folder of the node. It ties the Pod to that node and gives it a way into the machine; most clusters forbid it to ordinary users.',
    docker: 'a bind mount',
  },
  hpa: {
    name: 'HorizontalPodAutoscaler',
    text: 'Changes the number of Pods so that a measure, such as CPU, stays near a target. It needs metrics-server and CPU requests. It does not go down to zero.',
    docker: 'a person who types `--scale`',
    page: 'concepts/scaling',
  },
  'http-route': {
    name: 'HTTPRoute',
    text: 'The object of the Gateway API that says which host name and path go to which Service, and in which shares.',
    page: 'concepts/ingress-and-gateway',
  },
  image: {
    name: 'image',
    text: 'A program with all the files that it needs, packed in layers. Images follow the OCI standard: what Docker built, Kubernetes runs.',
    page: 'why/what-docker-does',
  },
  ingress: {
    name: 'Ingress',
    text: 'The older way to say which host name and path go to which Service. It is stable and gets no new features; the Gateway API follows it.',
    docker: 'a reverse proxy that you run',
    page: 'concepts/ingress-and-gateway',
  },
  'init-container': {
    name: 'init container',
    text: 'A container of a Pod that runs to its end before the others start.',
    docker: '`depends_on` with `service_completed_successfully`',
    page: 'concepts/pod',
  },
  job: {
    name: 'Job',
    text: 'Runs Pods until a task has been completed, and tries again if one fails.',
    docker: '`docker run --rm`',
  },
  k3s: { name: 'k3s', text: 'A small Kubernetes in one program, for single machines and for the edge.' },
  kind: {
    name: 'kind',
    text: 'A tool that makes a real cluster whose nodes are containers on your machine. The labs here use it.',
  },
  'kube-proxy': {
    name: 'kube-proxy',
    text: 'Runs on each node and writes the rules that turn the address of a Service into the address of one of its Pods. Some network plug-ins do this themselves.',
    docker: 'Swarm: the routing mesh',
    page: 'concepts/control-plane',
  },
  kubeadm: {
    name: 'kubeadm',
    text: 'The tool by the Kubernetes project that makes a cluster on machines of your own.',
  },
  kubeconfig: {
    name: 'kubeconfig',
    text: 'The file that tells kubectl where clusters are and who you are there. A context in it is one such pair; `kubectl config use-context` chooses one.',
    docker: 'a Docker context',
  },
  kubectl: {
    name: 'kubectl',
    text: 'The command line for a cluster. It talks to the API server, and to nothing else.',
    docker: 'the command `docker`',
    page: 'reference/commands',
  },
  kubelet: {
    name: 'kubelet',
    text: 'The agent on each node. It learns which Pods belong on its node, has the container runtime start them, runs their probes, and reports how they are.',
    docker: 'the Docker daemon, in its part as a watchman',
    page: 'concepts/control-plane',
  },
  kustomize: {
    name: 'Kustomize',
    text: 'Changes manifests without gaps in them: a base, and small differences for test and production. Built into kubectl as `kubectl apply -k`.',
    docker: 'several Compose files with `--file`',
    page: 'concepts/packaging',
  },
  label: {
    name: 'label',
    text: 'A pair such as `app=web` on an object. Services, controllers and you find objects by it.',
    docker: '`--label`, and `--filter label=…`',
  },
  lease: {
    name: 'lease',
    text: 'A small object that its holder renews. Each kubelet renews one every 10 seconds; when it stops, the node counts as lost after a while.',
  },
  limit: {
    name: 'limit',
    text: 'The most that a container may use. Above its CPU limit it is slowed down, above its memory limit it is ended.',
    docker: '`--cpus`, `--memory`',
  },
  'liveness-probe': {
    name: 'liveness probe',
    text: 'A question to a container again and again: are you alive? If it fails several times, the kubelet restarts the container.',
    docker: '`HEALTHCHECK`, which only marks it `unhealthy`; in a swarm, it is replaced',
    page: 'concepts/self-healing',
  },
  'load-balancer': {
    name: 'LoadBalancer',
    text: 'A type of Service that also gets an address from outside, from your cloud or from a program that you install for it.',
    docker: 'a load balancer that you set up beside it',
    page: 'concepts/load-balancing',
  },
  loki: { name: 'Loki', text: 'Keeps logs and finds them again by labels. Grafana shows them.' },
  'managed-cluster': {
    name: 'managed cluster',
    text: 'A cluster whose control plane a provider runs for you. Amazon EKS, Azure AKS and Google GKE are such offers.',
    page: 'concepts/clouds',
  },
  manifest: {
    name: 'manifest',
    text: 'A file, mostly YAML, with one or more objects: what you wish for. `kubectl apply -f` hands it to the API server.',
    docker: 'a Compose file',
    page: 'concepts/desired-state',
  },
  'max-surge': {
    name: 'maxSurge and maxUnavailable',
    text: 'How many Pods a rolling update may have too many, and how many may be missing. Each is 25 % unless you say otherwise: of six, two more and one fewer.',
    docker: 'Swarm: `--update-parallelism`, `--update-order`',
    page: 'concepts/rollouts',
  },
  'metrics-server': {
    name: 'metrics-server',
    text: 'Collects how much CPU and memory Pods and nodes use right now. `kubectl top` and the HorizontalPodAutoscaler ask it. Many clusters need it installed.',
    docker: '`docker stats`',
    page: 'concepts/scaling',
  },
  namespace: {
    name: 'namespace',
    text: 'A part of the cluster in which names are unique. Rights and quotas can be given per namespace.',
    docker: 'the project name of Compose',
  },
  'network-policy': {
    name: 'NetworkPolicy',
    text: 'Says which Pods may talk to which. Without one, every Pod reaches every other. It takes a network plug-in that enforces it.',
    docker: 'separate networks',
  },
  node: {
    name: 'node',
    text: 'A machine of the cluster, real or virtual, with a kubelet and a container runtime.',
    docker: 'the host; in a swarm, a node too',
    page: 'concepts/nodes-and-scheduling',
  },
  'node-port': {
    name: 'NodePort',
    text: 'A type of Service that can also be reached at one port, 30000 to 32767, of every node.',
    docker: '`--publish`, on one machine; in a swarm, on all',
    page: 'concepts/load-balancing',
  },
  object: {
    name: 'object',
    text: 'One thing that the cluster keeps: a Pod, a Service, a Deployment. Most have `spec`, what should be, and `status`, what is.',
  },
  oci: {
    name: 'OCI',
    text: 'The Open Container Initiative, whose standards say what an image is and how it is run and passed on. They are why one image works with Docker and Kubernetes alike.',
  },
  'on-premises': { name: 'on-premises', text: 'On machines of your own, not in a cloud.', page: 'concepts/clouds' },
  oom: {
    name: 'OOMKilled',
    text: 'A container used more memory than its limit, and was ended for it.',
    docker: 'the same, with `--memory`',
  },
  opentelemetry: {
    name: 'OpenTelemetry',
    text: 'A common form for metrics, logs and traces, and a collector that passes them on.',
  },
  operator: {
    name: 'Operator',
    text: 'A controller for one program, with a kind of object of its own. An Operator for PostgreSQL knows how to back it up and how to replace its leader.',
    docker: 'a person who knows that program',
    page: 'concepts/packaging',
  },
  'overlay-network': {
    name: 'overlay network',
    text: 'A network that reaches over several machines, as if they were one. In a cluster a network plug-in gives all Pods such a network.',
    docker: 'Swarm: `docker network create --driver overlay`',
  },
  'owner-reference': {
    name: 'owner reference',
    text: 'A note on an object that names the one which made it. When the owner is deleted, what it owns is deleted after it.',
  },
  pdb: {
    name: 'PodDisruptionBudget',
    text: 'How many Pods of a group must stay while nodes are drained. It does not help against a node that dies.',
  },
  pending: { name: 'Pending', text: 'A Pod that waits: for a node with room, for its volume, or for its image.' },
  'persistent-volume': {
    name: 'PersistentVolume',
    text: 'A piece of storage that the cluster knows about. It outlives Pods. Whether it can follow a Pod to another node depends on its kind: a network disk can, a folder of a node cannot.',
    docker: 'a named volume, on one machine',
    page: 'concepts/storage',
  },
  pod: {
    name: 'Pod',
    text: 'The smallest thing that Kubernetes runs: one container, or several that belong together. They share a network address and can share volumes. A Pod is placed once; it never moves.',
    docker: 'a container; several with `--network container:…`',
    page: 'concepts/pod',
  },
  'priority-class': {
    name: 'PriorityClass',
    text: 'How important a Pod is. When there is no room, it may push out less important ones.',
  },
  probe: {
    name: 'probe',
    text: 'A question that the kubelet asks a container regularly: an HTTP request, a connection, a command. There are three: startup, readiness and liveness.',
    docker: '`HEALTHCHECK`',
    page: 'concepts/self-healing',
  },
  prometheus: {
    name: 'Prometheus',
    text: 'Asks programs for their figures every few seconds, keeps them, and raises alerts by rules that you write.',
    page: 'concepts/observability',
  },
  pvc: {
    name: 'PersistentVolumeClaim',
    text: 'A request for storage: so much, of this class. A Pod names the claim, and the cluster finds or makes a volume for it.',
    docker: '`volumes:` in Compose',
    page: 'concepts/storage',
  },
  rbac: {
    name: 'RBAC',
    text: 'Who may do what: roles with verbs such as get, list and delete on kinds of objects, bound to people and programs.',
    docker: 'whoever may use the Docker socket may do everything',
  },
  'readiness-probe': {
    name: 'readiness probe',
    text: 'A question to a container: can you take requests now? While the answer is no, the Pod gets none from its Service, and a rollout waits for it.',
    docker: '`HEALTHCHECK`, without effect on who gets requests; in a swarm, with',
    page: 'concepts/self-healing',
  },
  reconciliation: {
    name: 'reconciliation',
    text: 'Look, compare with the wish, act, again and again. It is how everything in Kubernetes works, so that a lost message does no harm.',
    docker: 'once, at each `docker compose up`; in a swarm, all the time',
    page: 'concepts/desired-state',
  },
  registry: {
    name: 'registry',
    text: 'A server that keeps images. You push to it, machines pull from it. Docker and Kubernetes use the same ones.',
    page: 'why/what-docker-does',
  },
  replica: {
    name: 'replica',
    text: 'One of several equal copies.',
    docker: '`--scale`, `deploy.replicas`',
    page: 'concepts/scaling',
  },
  replicaset: {
    name: 'ReplicaSet',
    text: 'Keeps a number of equal Pods: makes one when there are too few, deletes one when there are too many. A Deployment makes it for you, one for each version.',
    page: 'concepts/self-healing',
  },
  request: {
    name: 'request',
    text: 'How much CPU and memory a container needs, as you say. The scheduler places a Pod only where so much is still free.',
    docker: 'Swarm: `--reserve-cpu`, `--reserve-memory`',
    page: 'concepts/nodes-and-scheduling',
  },
  'restart-policy': {
    name: 'restart policy',
    text: 'What to do when a container ends: restart it always, only after a failure, or never. It applies on the machine where the container is.',
    docker: '`--restart always`, `on-failure`, `unless-stopped`',
    page: 'concepts/self-healing',
  },
  'reverse-proxy': {
    name: 'reverse proxy',
    text: 'A program that takes requests from outside and passes each on to one of several servers behind it. It has to know their addresses.',
  },
  revision: {
    name: 'revision',
    text: 'One version in the history of a Deployment. `kubectl rollout history` lists them, `kubectl rollout undo` goes back to one.',
  },
  rollback: {
    name: 'rollback',
    text: 'Back to an earlier version. `kubectl rollout undo` scales an earlier ReplicaSet up again. It does not bring data back.',
    docker: 'run the old tag; in a swarm, `docker service rollback`',
    page: 'concepts/rollouts',
  },
  'rolling-update': {
    name: 'rolling update',
    text: 'New Pods are started and old ones ended a few at a time, so that enough are ready all along. It waits when new ones do not become ready.',
    docker: 'Compose stops the old before it starts the new; in a swarm, `docker service update`',
    page: 'concepts/rollouts',
  },
  rollout: {
    name: 'rollout',
    text: 'The way from one version to the next, as a Deployment goes it. `kubectl rollout status` waits for its end.',
    docker: '`docker service update`, in a swarm',
    page: 'concepts/rollouts',
  },
  scheduler: {
    name: 'scheduler',
    text: 'Chooses a node for each Pod that has none: one with enough free CPU and memory that fits all wishes. It starts nothing itself, and it does not move Pods later.',
    docker: 'you; in a swarm, the manager',
    page: 'concepts/control-plane',
  },
  secret: {
    name: 'Secret',
    text: 'Like a ConfigMap, for passwords and keys. Its values are base64, which is no encryption, and they lie in etcd in the clear unless the cluster is set up to encrypt them.',
    docker: '`secrets:` in Compose, which are files; in a swarm, stored encrypted',
    page: 'concepts/configuration',
  },
  selector: {
    name: 'selector',
    text: 'A condition on labels, for example `app=web`. It ties a Service or a ReplicaSet to its Pods.',
  },
  service: {
    name: 'Service',
    text: 'One name and one address that stay, for Pods that come and go. Requests go to those that are ready.',
    docker: 'the name of a service in Compose; in a swarm, its virtual IP',
    page: 'concepts/load-balancing',
  },
  'service-account': {
    name: 'ServiceAccount',
    text: 'Who a Pod is when it talks to the API server.',
  },
  sidecar: {
    name: 'sidecar',
    text: 'A second container in a Pod that helps the first, for example by sending its logs on. Written as an init container that keeps running (`restartPolicy: Always`).',
    docker: 'a second container with `--network container:…`',
    page: 'concepts/pod',
  },
  'startup-probe': {
    name: 'startup probe',
    text: 'A question asked only while a container starts. Until it succeeds the other probes wait, so that a slow start is not taken for a failure.',
    docker: '`--health-start-period`',
  },
  statefulset: {
    name: 'StatefulSet',
    text: 'For programs with data: its Pods have names that stay (`db-0`, `db-1`), and each has a volume of its own that it finds again.',
    docker: 'a container with a named volume, on one machine',
    page: 'concepts/storage',
  },
  'storage-class': {
    name: 'StorageClass',
    text: 'A kind of storage that the cluster can make on request: fast disk, shared folder, folder of the node.',
    docker: 'a volume driver with its options',
    page: 'concepts/storage',
  },
  swarm: {
    name: 'Swarm mode',
    text: 'Docker’s own cluster, part of Docker Engine: services with a number of copies on several machines, rolling updates, secrets, a network between the machines.',
    page: 'why/compose-and-swarm',
  },
  taint: {
    name: 'taint',
    text: 'A mark on a node that keeps Pods away. Only Pods with a matching toleration are placed there.',
    docker: 'Swarm: a constraint on each service instead',
    page: 'concepts/nodes-and-scheduling',
  },
  toleration: {
    name: 'toleration',
    text: 'Lets a Pod stay on a node in spite of a taint, for ever or for a time. By default a Pod bears a node out of reach for 300 seconds.',
    page: 'concepts/nodes-and-scheduling',
  },
  'topology-spread': {
    name: 'topology spread',
    text: 'A wish that Pods be spread evenly, over nodes or over zones.',
    docker: 'Swarm: `--placement-pref spread=…`',
  },
  volume: {
    name: 'volume',
    text: 'A folder that containers of a Pod use. Some live as long as the Pod, some, behind a claim, much longer.',
    docker: 'a volume or a bind mount',
    page: 'concepts/storage',
  },
  watch: {
    name: 'watch',
    text: 'A question to the API server that stays open: tell me each change. Controllers and kubelets learn all they know that way.',
  },
  yaml: {
    name: 'YAML',
    text: 'The form in which most manifests and Compose files are written: keys, values, lists, and spaces that matter.',
  },
} satisfies Record<string, GlossaryTerm>

export type TermId = keyof typeof terms
