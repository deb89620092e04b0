import type { PictureName } from '../strings/pictures.ts'
import type { Beat, Story } from './scene.ts'

export type StoryName = 'seven-machines' | 'app' | PictureName

/** A story with its words, as the player needs it. */
export interface ToldStory {
  story: Story
  sides: Record<string, string>
  presses: Record<string, string>
  beats: Record<string, Record<string, Beat[]>>
  notes: Record<string, string>
  gauges: Record<string, { label: string; value(figure: number): string }>
}

/** Fetches changes and words of one story; a reader who presses nothing fetches none. */
export async function tell(name: StoryName): Promise<ToldStory> {
  if (name === 'seven-machines') {
    const { story } = await import('./scenes/seven-machines.ts')
    const { sevenMachines } = await import('../strings/seven-machines.ts')
    return { story, ...sevenMachines }
  }
  if (name === 'app') {
    const { story } = await import('./scenes/app.ts')
    const { appWalk } = await import('../strings/app-walk.ts')
    return { story, ...appWalk }
  }
  const { stories } = await import('./scenes/pictures.ts')
  const { pictures } = await import('../strings/pictures.ts')
  const { label, presses, beats, note } = pictures.all[name]
  return {
    story: stories[name],
    sides: { picture: label },
    presses,
    beats: { picture: beats },
    notes: { picture: note },
    gauges: {},
  }
}
