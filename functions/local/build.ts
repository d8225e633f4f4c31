import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { runCommand } from './command.ts'

const root = join(import.meta.dirname, '../..')
const triggers = ['tick', 'poll', 'graphql', 'health', 'deliveries', 'events', 'event-grid', 'event-hub']

/** What every bundle is made with. */
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  // Libraries drop their own development checks; graphql's cost most.
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
  // Packages in CommonJS ask for it.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
} satisfies BuildOptions

/**
 * `npm run build [-- FOLDER]`: bundles the triggers to `dist/functions/*.js`, the glob of package.json's `main`, and the agent to
 * `dist/agent/agent.js`, outside of it: the Functions host would run it as well.
 * Split, so that what a trigger imports lazily (client-node, yoga, drizzle) costs nothing until it is used (functions.md, "Cold start").
 */
await runCommand(async () => {
  const outdir = process.argv[2] ?? join(root, 'dist')
  await rm(join(outdir, 'functions'), { recursive: true, force: true })
  await rm(join(outdir, 'chunks'), { recursive: true, force: true })
  await build({
    entryPoints: triggers.map((name) => join(root, 'functions', `${name}.ts`)),
    outdir,
    entryNames: 'functions/[name]',
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    // The worker supplies the first; the embedded database is for machines of one's own; `pg` asks for the last in vain.
    external: ['@azure/functions-core', '@electric-sql/pglite', 'pg-native'],
    ...common,
  })
  await rm(join(outdir, 'agent'), { recursive: true, force: true })
  await build({
    entryPoints: [join(root, 'functions/agent/main.ts')],
    outfile: join(outdir, 'agent/agent.js'),
    ...common,
  })
  await mkdir(join(outdir, 'chunks'), { recursive: true })
  // The code looks for its migrations in the folder it lies in, or in one above.
  await cp(join(root, 'db/migrations'), join(outdir, 'chunks/migrations'), { recursive: true })
})
