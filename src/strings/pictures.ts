import type { Beat } from '../story/scene.ts'

interface PictureStrings {
  label: string
  note: string
  /** Places of the picture: what each is in the picture, and what it stands for. */
  places: Record<string, [picture: string, term: string]>
  unit: [picture: string, term: string]
  presses: Record<string, string>
  beats: Record<string, Beat[]>
  /** What stands for what: the picture, the term, and what it does. */
  map: [picture: string, term: string, does: string][]
}

export const pictures = {
  words: 'Which words',
  picture: 'In the picture',
  kubernetes: 'In Kubernetes',
  does: 'What it does',
  all: {
    restaurant: {
      label: 'A restaurant with three kitchens',
      note: 'The note on the wall: six chefs, always.',
      places: {
        manager: ['Manager', 'Control plane'],
        a: ['Kitchen A', 'Node A'],
        b: ['Kitchen B', 'Node B'],
        c: ['Kitchen C', 'Node C'],
      },
      unit: ['Chef', 'Pod'],
      presses: {
        sick: 'A chef falls ill',
        guests: 'More guests come',
        closed: 'A kitchen closes',
        menu: 'A new menu',
      },
      beats: {
        sick: [
          { when: '', who: 'A chef', says: 'in kitchen B falls ill. *A container crashes, and its Pod is lost.*' },
          { when: '', who: 'The manager', says: 'counts five, and the note says six. *The controller compares.*' },
          {
            when: '',
            who: 'The manager',
            says: 'calls another chef, for kitchen A. *A new Pod; the scheduler chose the node.*',
          },
          {
            when: '',
            who: 'The waiters',
            says: 'bring orders to the new one once they are ready. *The Service follows.*',
          },
        ],
        guests: [
          { when: '', who: 'Guests', says: 'fill the house. The chefs cannot keep up. *CPU is above its target.*' },
          {
            when: '',
            who: 'The manager',
            says: 'changes the note: nine chefs. *The HorizontalPodAutoscaler sets `replicas`.*',
          },
          { when: '', who: 'Three more', says: 'begin, one in each kitchen. *Pods are spread over the nodes.*' },
          {
            when: '',
            who: 'Late at night',
            says: 'the note says six again. Three go home. *Scaled in after five quiet minutes.*',
          },
        ],
        closed: [
          { when: '', who: 'Kitchen C', says: 'has a burst pipe and closes. *A node is lost.*' },
          {
            when: '',
            who: 'The manager',
            says: 'waits a little: perhaps they only do not answer the phone. *About 50 seconds, then 300 more.*',
          },
          {
            when: '',
            who: 'The manager',
            says: 'has two new chefs begin in kitchens A and B. *New Pods on other nodes.*',
          },
          { when: '', who: 'The pots', says: 'stayed in kitchen C. *Data in a folder of the node does not follow.*' },
        ],
        menu: [
          { when: '', who: 'A new recipe', says: 'comes from the head office. *A new image in the registry.*' },
          { when: '', who: 'The manager', says: 'lets two chefs learn it, while four cook on. *A rolling update.*' },
          {
            when: '',
            who: 'When they can',
            says: 'the next two follow, then the last. *Readiness first, then the next.*',
          },
          { when: '', who: 'The guests', says: 'notice only that it tastes different. *No gap.*' },
        ],
      },
      map: [
        ['The recipe', 'Image', 'says how it is made, the same in every kitchen'],
        ['A chef', 'Pod', 'does the work'],
        ['A kitchen', 'Node', 'has room for so many'],
        ['The head of a kitchen', 'kubelet', 'sees to the chefs of this kitchen'],
        ['The manager', 'Control plane', 'compares the note with what is, and acts'],
        ['The note on the wall', 'Desired state', 'six chefs, always'],
        ['The waiters', 'Service', 'bring each order to a chef who is ready'],
      ],
    },
    port: {
      label: 'A port with three berths',
      note: 'The port authority’s plan: six boxes of this freight, spread over the berths.',
      places: {
        authority: ['Port authority', 'Control plane'],
        a: ['Berth A', 'Node A'],
        b: ['Berth B', 'Node B'],
        c: ['Berth C', 'Node C'],
      },
      unit: ['Box', 'Pod'],
      presses: {
        damaged: 'A box is damaged',
        ship: 'A large ship comes',
        berth: 'A berth fails',
        heavy: 'A heavy box',
      },
      beats: {
        damaged: [
          { when: '', who: 'A box', says: 'at berth B is damaged. *A container crashes, and its Pod is lost.*' },
          { when: '', who: 'The authority', says: 'sees five on the plan of six. *The controller compares.*' },
          {
            when: '',
            who: 'A crane',
            says: 'sets down another one at berth A. *The kubelet has the runtime start a new Pod.*',
          },
        ],
        ship: [
          { when: '', who: 'A large ship', says: 'wants more than six boxes hold. *Traffic grows.*' },
          { when: '', who: 'The authority', says: 'plans nine. *`replicas: 9`, by hand or by the autoscaler.*' },
          {
            when: '',
            who: 'Three cranes',
            says: 'lift at the same time, one at each berth. *Each kubelet starts its own.*',
          },
        ],
        berth: [
          { when: '', who: 'Berth C', says: 'loses power. *A node is lost.*' },
          { when: '', who: 'The authority', says: 'waits whether it comes back. *About 50 seconds, then 300 more.*' },
          { when: '', who: 'Cranes', says: 'at A and B set down one box more each. *New Pods on other nodes.*' },
        ],
        heavy: [
          {
            when: '',
            who: 'A heavy box',
            says: 'arrives. Its label says how heavy it is. *A Pod with large requests.*',
          },
          {
            when: '',
            who: 'The authority',
            says: 'looks which berth bears it. None does. *The scheduler finds no node.*',
          },
          { when: '', who: 'The box', says: 'waits at the gate until there is room. *Pending.*' },
        ],
      },
      map: [
        ['The box, of one size', 'Container', 'holds any goods, fits any crane'],
        ['The goods', 'Your program', 'do not care which ship carries them'],
        ['The depot', 'Registry', 'keeps boxes until they are fetched'],
        ['A berth', 'Node', 'bears so much, and no more'],
        ['A crane', 'kubelet and runtime', 'lifts what was planned for its berth'],
        ['The port authority', 'Control plane', 'plans, and sees what is'],
        ['Logistics', 'Services and networking', 'bring each freight to its box, wherever that is'],
      ],
    },
    factory: {
      label: 'A workbench, a store and a factory',
      note: 'Docker’s part is at the workbench, Kubernetes’ part in the halls.',
      places: {
        bench: ['Workbench', 'docker build'],
        store: ['Store', 'Registry'],
        a: ['Hall A', 'Node A'],
        b: ['Hall B', 'Node B'],
        c: ['Hall C', 'Node C'],
      },
      // An image in the store, a container in a hall: no one word for both.
      unit: ['Box', ''],
      presses: { build: 'Build a new box', order: 'Order the new one', alone: 'Without the factory' },
      beats: {
        build: [
          { when: '', who: 'Docker', says: 'builds box v2 at the workbench. *`docker build`*' },
          { when: '', who: 'Docker', says: 'brings it to the store. *`docker push`*' },
          {
            when: '',
            who: 'The halls',
            says: 'work on with v1. Nobody has asked for v2. *What runs follows the wish, not the store.*',
          },
        ],
        order: [
          { when: '', who: 'Docker', says: 'has built v2 and brought it to the store.' },
          { when: '', who: 'You', says: 'order: v2 from now on. *`kubectl apply` with another image.*' },
          { when: '', who: 'The factory', says: 'fetches v2 and changes hall after hall. *A rolling update.*' },
          { when: '', who: 'The factory', says: 'is done, and goes on watching. *Docker had no part in it.*' },
        ],
        alone: [
          {
            when: '',
            who: 'Nobody',
            says: 'runs the halls now. Hall B stops. *A node is lost, and there is no Kubernetes.*',
          },
          { when: '', who: 'The box', says: 'is as good as ever, in the store. *The image is not the problem.*' },
          { when: '', who: 'You', says: 'carry one to hall C yourself. *`ssh`, `docker run`*' },
        ],
      },
      map: [
        ['The workbench', 'Docker', 'builds boxes'],
        ['A box', 'Image', 'holds the program and all that it needs'],
        ['The store', 'Registry', 'keeps boxes for everyone'],
        ['The halls', 'Nodes', 'where boxes are put to use'],
        ['The factory’s management', 'Kubernetes', 'decides what runs where, and sees to it'],
      ],
    },
  } satisfies Record<string, PictureStrings>,
}

export type PictureName = keyof typeof pictures.all
