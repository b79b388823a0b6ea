/** How code makes a run again: `compare({"models":["single"],"seed":7})`. */
export function codeCall(name: string, options: object): string {
  return `${name}(${JSON.stringify(options)})`
}
