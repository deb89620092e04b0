import type { Case } from './cases.ts'
import { core } from './core.ts'
import { groups } from './groups.ts'
import { pods } from './pods.ts'
import { workloads } from './workloads.ts'

export const objectCases: readonly Case[] = [...pods, ...workloads, ...core, ...groups]
