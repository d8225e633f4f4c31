import { defineConfig } from 'drizzle-kit'

// biome-ignore lint/style/noDefaultExport: drizzle-kit reads the default export.
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./db/tables.ts', './db/cluster-tables.ts'],
  out: './db/migrations',
})
