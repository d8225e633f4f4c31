/** The part of autocannon that the benchmarks use; the package carries no types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    readonly workers: number
    readonly method?: 'GET' | 'POST'
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
  interface Result {
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
    /** Seconds. */
    readonly duration: number
  }
  // biome-ignore lint/style/noDefaultExport: that is what the package exports.
  export default function autocannon(options: Options): Promise<Result>
}
