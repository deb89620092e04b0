/** What a key of the extra row sends. The arrows have two codes: programs like vi ask for the second. */
export function keyFor(name: string, applicationCursor: boolean): string {
  const arrow = (letter: string) => `\x1b${applicationCursor ? 'O' : '['}${letter}`
  switch (name) {
    case 'escape':
      return '\x1b'
    case 'tab':
      return '\t'
    case 'up':
      return arrow('A')
    case 'down':
      return arrow('B')
    case 'right':
      return arrow('C')
    case 'left':
      return arrow('D')
    case 'pipe':
      return '|'
    case 'slash':
      return '/'
    case 'dash':
      return '-'
    default:
      return ''
  }
}
