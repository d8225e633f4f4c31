/** Where events come from a hub. */
export interface EventHub {
  /** The prefix of the settings that hold the connection: `EventHub__fullyQualifiedNamespace`, or a connection string `EventHub`. */
  readonly connection: 'EventHub'
  readonly eventHubName: string
  readonly consumerGroup: string
}

/** The hub that the settings `EventHubName` and `EventHubConsumerGroup` (default `$Default`) name; null: there is none. */
export function eventHub(env: Readonly<Record<string, string | undefined>> = process.env): EventHub | null {
  const { EventHubName: name, EventHubConsumerGroup: group } = env
  return name ? { connection: 'EventHub', eventHubName: name, consumerGroup: group || '$Default' } : null
}
