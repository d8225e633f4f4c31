import { setTimeout as sleep } from 'node:timers/promises'
import { app, output } from '@azure/functions'
import { disconnectSignal, endingWith } from '../../../functions/http/disconnect.ts'

/** A small app as anybody could have written it: the local host must run it unchanged. */
export const seen = {
  queued: [] as unknown[],
  metadata: [] as unknown[],
  tries: 0,
  ticks: [] as unknown[],
  ticking: 0,
  mostTicking: 0,
  hooks: [] as string[],
  left: 0,
}

export function register(streamed: boolean): void {
  const jobs = output.storageQueue({ queueName: 'jobs', connection: 'AzureWebJobsStorage' })
  app.setup({ enableHttpStream: streamed })
  app.hook.appStart(() => void seen.hooks.push('start'))
  app.hook.appTerminate(() => void seen.hooks.push('terminate'))
  app.http('echo', {
    route: 'echo/{name}',
    methods: ['GET', 'POST'],
    handler: async (request, context) => {
      context.info('echo', request.params.name)
      const body = request.method === 'POST' ? await request.text() : ''
      const headers = { 'content-type': 'application/json', 'x-mine': request.headers.get('x-mine') ?? '' }
      return { status: 201, headers, body: JSON.stringify({ name: request.params.name, url: request.url, body }) }
    },
  })
  app.http('broken', {
    handler: async () => {
      throw new Error('broken on purpose')
    },
  })
  app.http('events', {
    handler: async (_request, context) => {
      const signal = disconnectSignal(context.invocationId)
      const made = events(signal)
      const body = new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          const { done, value } = await made.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: async () => void (await made.return(undefined)),
      })
      return { headers: { 'content-type': 'text/event-stream' }, body: endingWith(signal, body) }
    },
  })
  app.http('enqueue', {
    methods: ['POST'],
    extraOutputs: [jobs],
    handler: async (request, context) => {
      context.extraOutputs.set(jobs, await request.json())
      return { status: 202 }
    },
  })
  app.storageQueue('job', {
    queueName: 'jobs',
    connection: 'AzureWebJobsStorage',
    handler: async (message, context) => {
      if (message === 'poison') {
        seen.tries++
        throw new Error('refused')
      }
      seen.queued.push(message)
      seen.metadata.push(context.triggerMetadata)
    },
  })
  app.timer('second', {
    schedule: '* * * * * *',
    handler: async (timer) => {
      seen.mostTicking = Math.max(seen.mostTicking, ++seen.ticking)
      seen.ticks.push(timer)
      await sleep(1500)
      seen.ticking--
    },
  })
}

async function* events(signal: AbortSignal) {
  try {
    for (let n = 1; n <= 50 && !signal.aborted; n++) {
      yield new TextEncoder().encode(`data: ${n}\n\n`)
      await sleep(100)
    }
  } finally {
    if (signal.aborted) seen.left++
  }
}
