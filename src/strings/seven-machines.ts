import type { Beat } from '../story/scene.ts'

export const sevenMachines = {
  label: 'Seven machines',
  sides: { hand: 'A script and a person', cluster: 'A cluster' },
  notes: {
    hand: 'Machine 1 is the reverse proxy. Machines 2 to 7 run the app, version 1.',
    cluster:
      'Machine 1 is the control plane. Machines 2 to 7 run the app; two of them also carry the way in, behind a load balancer that is outside.',
  },
  place: (number: string) => `Machine ${number}`,
  gauges: {
    served: { label: 'Answered at once', value: (percent: number) => `${percent} %` },
    work: { label: 'Work for a person', value: (minutes: number) => `${minutes} min` },
  },
  presses: {
    crash: 'Crash',
    release: 'Release',
    bad: 'Bad release',
    traffic: 'More traffic',
    proxy: 'The proxy dies',
  },
  beats: {
    hand: {
      crash: [
        { when: '03:12', who: 'Machine 5', says: 'The process of the app ends.' },
        { when: '+ 2 s', who: 'Docker', says: 'starts it again there. The script said `--restart unless-stopped`.' },
        { when: '03:30', who: 'Machine 5', says: 'Now the machine itself goes dark, and Docker with it.' },
        { when: '', who: 'Nobody', says: 'is told. One request in six waits until the proxy gives up on machine 5.' },
        {
          when: '04:05',
          who: 'The owner',
          says: 'is called by a user, gets up, and looks for the machine that it is.',
        },
        { when: '04:20', who: 'The owner', says: 'takes machine 5 out of the proxy’s file and reloads it.' },
        { when: '', who: 'Nobody', says: 'makes the sixth copy. Five run, until a person does something about it.' },
      ],
      release: [
        {
          when: '',
          who: 'The owner',
          says: 'runs `release.sh 2`. On machine 2 the old copy stops, then the new one starts.',
        },
        {
          when: '',
          who: 'The script',
          says: 'goes on to machine 3. Each machine has a gap, and some requests fall into it.',
        },
        {
          when: '',
          who: 'The script',
          says: 'ends at machine 4: the connection broke when the old copy was gone and the new one not there yet.',
        },
        { when: '', who: 'Nobody', says: 'planned this: two copies are new, three are old, one is missing.' },
        { when: '', who: 'The owner', says: 'cuts the script down to machines 4 to 7 and runs it again.' },
        { when: '', who: 'The owner', says: 'is done. What ran where, and when, only the terminal knows.' },
      ],
      bad: [
        { when: '', who: 'The owner', says: 'runs `release.sh 2`. Version 2 starts, and answers with errors.' },
        { when: '', who: 'The script', says: 'sees that `docker run` worked, and goes on.' },
        { when: '', who: 'The script', says: 'is done, without an error. All six copies are bad.' },
        { when: '+ 10 min', who: 'The owner', says: 'hears of it from users, and reads logs on six machines.' },
        {
          when: '+ 25 min',
          who: 'The owner',
          says: 'looks in the shell’s history for the last good number: `release.sh 1`.',
        },
        { when: '+ 30 min', who: 'The owner', says: 'is back where it began.' },
      ],
      traffic: [
        { when: '19:00', who: 'A crowd', says: 'comes. Twice as many requests as six copies can answer.' },
        { when: '19:20', who: 'The owner', says: 'is asked why it is so slow.' },
        {
          when: '19:45',
          who: 'The owner',
          says: 'starts a second copy on each machine, at another port. The machines have cores to spare.',
        },
        { when: '19:55', who: 'The owner', says: 'writes six more addresses into the proxy’s file and reloads it.' },
        { when: '23:00', who: 'Nobody', says: 'takes the six away again. The crowd is gone.' },
      ],
      proxy: [
        { when: '', who: 'Machine 1', says: 'goes dark. It was the proxy.' },
        { when: '', who: 'Nobody', says: 'gets in. Six copies run well, and have nothing to do.' },
        { when: '+ 15 min', who: 'The owner', says: 'chooses machine 2 as the new proxy.' },
        { when: '+ 40 min', who: 'The owner', says: 'writes its file anew. The old one was on machine 1.' },
        {
          when: '+ 45 min',
          who: 'The owner',
          says: 'changes the name in DNS. Some still have the old address for a while.',
        },
        { when: '+ 60 min', who: 'The owner', says: 'is done. There is still one proxy.' },
      ],
    },
    cluster: {
      crash: [
        { when: '03:12', who: 'Machine 5', says: 'The process of the app ends.' },
        { when: '+ 2 s', who: 'The kubelet', says: 'starts it again there, as Docker did.' },
        { when: '03:30', who: 'Machine 5', says: 'Now the machine itself goes dark.' },
        {
          when: '+ 50 s',
          who: 'The control plane',
          says: 'has heard nothing for 50 seconds. The node counts as lost; its Pod gets no more requests.',
        },
        {
          when: '+ 6 min',
          who: 'The control plane',
          says: 'gives up the Pod after 300 more seconds. Both times can be shortened.',
        },
        {
          when: '',
          who: 'A controller',
          says: 'counts five, wants six, and makes a new Pod. The scheduler places it on machine 4.',
        },
        { when: '', who: 'Nobody', says: 'was called. Six copies run. Someone looks after machine 5 in the morning.' },
      ],
      release: [
        { when: '', who: 'The owner', says: 'changes one line: image version 2. `kubectl apply` stores it.' },
        {
          when: '',
          who: 'The Deployment',
          says: 'lets three new Pods start and one old one end. Five go on answering.',
        },
        {
          when: '',
          who: 'The kubelets',
          says: 'ask the new Pods whether they are ready. They are; they get requests, old ones end.',
        },
        { when: '', who: 'Machine 6', says: 'reports a full disk. The scheduler puts no new Pods there.' },
        {
          when: '',
          who: 'The Deployment',
          says: 'is done: six of version 2. What was before is kept, for a rollback.',
        },
      ],
      bad: [
        { when: '', who: 'The owner', says: 'changes one line: image version 2. `kubectl apply` stores it.' },
        { when: '', who: 'The Deployment', says: 'lets three new Pods start and one old one end.' },
        {
          when: '',
          who: 'The kubelets',
          says: 'ask the new Pods whether they are ready. They are not. They get no requests.',
        },
        {
          when: '+ 10 min',
          who: 'The Deployment',
          says: 'goes no further, and reports that it makes no progress. Five old copies answer.',
        },
        { when: '', who: 'The owner', says: 'types `kubectl rollout undo deployment/shop`.' },
        {
          when: '',
          who: 'The Deployment',
          says: 'is back. Without a readiness probe it would not have stopped: that is the condition.',
        },
      ],
      traffic: [
        { when: '19:00', who: 'A crowd', says: 'comes. Twice as many requests as six copies can answer.' },
        {
          when: '+ 15 s',
          who: 'The autoscaler',
          says: 'sees twice the CPU that it aims at. It asks for twelve copies.',
        },
        { when: '', who: 'The scheduler', says: 'finds room for six more. It knows what each copy requests.' },
        { when: '+ 1 min', who: 'The Service', says: 'sends requests to them as soon as they are ready.' },
        { when: '23:00', who: 'The autoscaler', says: 'sees five quiet minutes, and goes back to six.' },
        {
          when: '',
          who: 'Nobody',
          says: 'was needed. But someone had set it up: metrics-server, CPU requests, and machines with room.',
        },
      ],
      proxy: [
        { when: '', who: 'Machine 2', says: 'goes dark. It carried one of the two ways in, and one copy.' },
        {
          when: '+ 10 s',
          who: 'The load balancer',
          says: 'outside sees no answer from machine 2, and sends all to machine 3.',
        },
        { when: '+ 50 s', who: 'The control plane', says: 'counts the node as lost. Its copy gets no more requests.' },
        {
          when: '+ 6 min',
          who: 'The control plane',
          says: 'gives up both Pods. New ones are made, on machines 4 and 5.',
        },
        {
          when: '',
          who: 'Fair is fair',
          says: 'That load balancer comes from your cloud, or you set it up: it is no part of Kubernetes.',
        },
        {
          when: '',
          who: 'And machine 1',
          says: 'If it dies, the Pods go on, but nothing is repaired. So real clusters have three of it.',
        },
      ],
    },
  } satisfies Record<string, Record<string, Beat[]>>,
}
