import type { Task } from './task.ts'

/** Linux's largest number of a process by default. */
const LARGEST = 32_768

/** Processes by number: of a container, or of a Pod that shares them. */
export class ProcessTable {
  readonly #tasks = new Map<number, Task>()
  #last: number

  /** `taken`: how many numbers others have from the beginning, as a Pod's pause has 1. */
  constructor(taken = 0) {
    this.#last = taken
  }

  add(task: Task): number {
    do this.#last = this.#last >= LARGEST ? 2 : this.#last + 1
    while (this.#tasks.has(this.#last))
    this.#tasks.set(this.#last, task)
    return this.#last
  }

  get(pid: number): Task | undefined {
    return this.#tasks.get(pid)
  }

  all(): Task[] {
    return [...this.#tasks.values()].sort((a, b) => a.pid - b.pid)
  }

  remove(task: Task): void {
    this.#tasks.delete(task.pid)
    for (const other of this.#tasks.values()) if (other.parent === task) other.parent = this.#tasks.get(1)
  }

  get size(): number {
    return this.#tasks.size
  }
}
