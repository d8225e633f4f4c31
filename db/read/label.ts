/** A Kubernetes label. */
export interface Label {
  readonly key: string
  readonly value: string
}

/** Labels as a list sorted by key, because GraphQL has no maps. */
export const labelsOf = (row: string): string =>
  `(select coalesce(json_agg(json_build_object('key', l.key, 'value', l.value) order by l.key), '[]'::json) from jsonb_each_text(${row}.labels) l)`
