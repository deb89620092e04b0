import type { Beat } from '../story/scene.ts'

/** Said by the walk of the worked example. Code stands between backticks. */
export const appWalk = {
  label: 'The app, its database and three machines',
  sides: { cluster: 'Kubernetes', compose: 'Docker Compose' },
  notes: {
    cluster: 'Three worker nodes and a control plane. A copy that is not ready runs, and gets no requests.',
    compose: 'Docker Compose knows one machine. The other two stand idle.',
  },
  places: { control: 'Who decides', a: 'worker-node-a', b: 'worker-node-b', c: 'worker-node-c' },
  gauges: { served: { label: 'Answered', value: (percent: number) => `${percent} %` } },
  presses: {
    deploy: 'Deploy',
    node: 'A machine fails',
    database: 'The database’s machine fails',
    scale: 'Scale to four',
  },
  beats: {
    cluster: {
      deploy: [
        {
          when: '',
          who: 'You',
          says: 'type `kubectl apply`. The API server stores Secret, Services, StatefulSet and Deployment.',
        },
        {
          when: '',
          who: 'The controllers',
          says: 'make the Pod `db-0` and its claim, and two web Pods. None has a node yet.',
        },
        { when: '', who: 'The scheduler', says: 'gives each a node with room, and keeps the two web Pods apart.' },
        {
          when: '',
          who: 'The kubelets',
          says: 'start them. The web Pods run, but `/readyz` finds no database: not ready, no requests.',
        },
        { when: '', who: 'db-0', says: 'answers its probe. From now on the name `db` leads to it.' },
        { when: '', who: 'The web Pods', says: 'are ready. The Service `web` has two addresses.' },
      ],
      node: [
        { when: '0 s', who: 'worker-node-b', says: 'loses power. Half of the requests go to a Pod that is not there.' },
        {
          when: '+ 50 s',
          who: 'The node controller',
          says: 'has heard nothing for too long: `NotReady`. The Service drops that Pod. The other answers all.',
        },
        {
          when: '+ 350 s',
          who: 'The node controller',
          says: 'gives the Pod up. The ReplicaSet counts one where two should be, and makes a new one: `web-3`.',
        },
        { when: '', who: 'The scheduler', says: 'puts the new Pod on worker-node-a. Nobody was called.' },
        { when: '', who: 'web-3', says: 'is ready. It finds `db` by name, as the old one did.' },
        { when: 'later', who: 'worker-node-b', says: 'is back, and empty. Nothing moves there by itself.' },
      ],
      database: [
        { when: '0 s', who: 'worker-node-a', says: 'loses power, with the only database. Every request fails.' },
        {
          when: '+ 50 s',
          who: 'The web Pods',
          says: 'are not ready: `/readyz` finds no database. They are not restarted: they are not ill.',
        },
        {
          when: '+ 350 s',
          who: 'The StatefulSet',
          says: 'makes no second `db-0`. Perhaps the first still writes, and only the cable is out.',
        },
        {
          when: '',
          who: 'You',
          says: 'see that the machine is really off, and say so with the taint `out-of-service`.',
        },
        {
          when: '',
          who: 'The StatefulSet',
          says: 'makes a new `db-0`: same name, same claim. Its disk is on the network, so it can come to worker-node-c.',
        },
        {
          when: '',
          who: 'The web Pods',
          says: 'are ready again. All rows are there. On a disk inside worker-node-a, `db-0` would wait for that machine.',
        },
      ],
      scale: [
        { when: '', who: 'You', says: 'type `kubectl scale deployment/web --replicas=4`.' },
        { when: '', who: 'The ReplicaSet', says: 'has two where four should be. It makes two more.' },
        { when: '', who: 'The scheduler', says: 'spreads them. While they start they get no requests.' },
        { when: '', who: 'The Service', says: 'has four addresses now. Callers still know one name.' },
        {
          when: '',
          who: 'The database',
          says: 'is still one. Two of *that* would be two different databases: it needs replication of its own.',
        },
      ],
    },
    compose: {
      deploy: [
        { when: '', who: 'You', says: 'log in to worker-node-a and type `docker compose up --detach --wait`.' },
        { when: '', who: 'Docker', says: 'makes a network and a volume, and starts the database.' },
        { when: '', who: 'Compose', says: 'waits until it is healthy, as `depends_on` says, then starts the web app.' },
        { when: '', who: 'The web app', says: 'answers on port 8080 of this machine.' },
        {
          when: '',
          who: 'Nobody',
          says: 'uses the other two machines. For that you would log in there, or make a swarm.',
        },
      ],
      node: [
        { when: '0 s', who: 'worker-node-a', says: 'loses power. It was the one that everything ran on.' },
        {
          when: '',
          who: 'Docker',
          says: 'lost power too. `restart: unless-stopped` acts when the machine is back, not before.',
        },
        { when: '+ 15 min', who: 'You', says: 'are called, and find the last backup.' },
        {
          when: '+ 60 min',
          who: 'You',
          says: 'start all of it on worker-node-b, restore the backup, and change the DNS entry.',
        },
        { when: '', who: 'What was written', says: 'since that backup lies on the disk of worker-node-a.' },
      ],
      database: [
        { when: '0 s', who: 'worker-node-a', says: 'loses power. Web app and database are on the same machine.' },
        { when: '+ 10 min', who: 'You', says: 'get it started again this time.' },
        {
          when: '',
          who: 'Docker',
          says: 'starts both, since the file says `restart: unless-stopped`. The volume was on the disk: all rows are there.',
        },
      ],
      scale: [
        { when: '', who: 'You', says: 'type `docker compose up --detach --scale web=4`.' },
        {
          when: '',
          who: 'Docker',
          says: 'refuses: port 8080 of this machine can be given only once. `port is already allocated`.',
        },
        { when: '', who: 'You', says: 'take the fixed port out of the file and add a proxy in front.' },
        { when: '', who: 'The proxy', says: 'finds the four by Docker’s DNS, and spreads requests.' },
        { when: '', who: 'All four', says: 'share the CPU of one machine.' },
      ],
    },
  } satisfies Record<string, Record<string, Beat[]>>,
}
