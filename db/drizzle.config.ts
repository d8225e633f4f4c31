import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './db/tables.ts',
    './db/cluster-tables.ts',
    './db/drift-tables.ts',
    './db/verdict-tables.ts',
    './db/push-tables.ts',
  ],
  out: './db/migrations',
})
