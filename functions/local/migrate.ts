import { openStore } from '../../db/client.ts'
import { migrateStore } from '../../db/migrate.ts'
import { FleetError } from '../../fleet/error.ts'
import { readSettings } from '../wiring/settings.ts'
import { runCommand } from './command.ts'

/** `npm run migrate`: brings the tables of DATABASE_URL up to this code. In Azure a deliberate step, with an identity of its own. */
await runCommand(async () => {
  const { databaseUrl } = readSettings()
  if (databaseUrl === null) {
    throw new FleetError(
      'invalid',
      'DATABASE_URL is not set; it must name the database to migrate, for example postgres://rollcall@db.example:5432/rollcall.',
    )
  }
  const store = await openStore({ url: databaseUrl, max: 1 })
  try {
    await migrateStore(store)
  } finally {
    await store.close()
  }
  console.info('The database is migrated.')
})
