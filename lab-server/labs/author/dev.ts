export async function developLab(_root: string, _id: string): Promise<number> {
  return 1
}
