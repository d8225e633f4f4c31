-- What `clusters(first: 100)` of reads.ts answers, as a person would write it in one statement. $1 is the clock.
select json_build_object('data', json_build_object('clusters', json_build_object(
  'coverage', (select json_build_object('complete', count(*) filter (where state <> 'FRESH') = 0, 'expectedSources', count(*),
      'reportingSources', count(*) filter (where state = 'FRESH'))
    from (select case when r.last_success_at is null then 'NEVER_REPORTED'
        when r.last_success_at + s.stale_after_ms * interval '1 millisecond' <= $1 then 'STALE'
        when s.trouble_code is not null or r.trouble_code is not null then 'UNREADABLE' else 'FRESH' end as state
      from source s left join reading r on r.source_id = s.id and r.kind = 'cluster.x-k8s.io/Cluster' where s.removed_at is null) t),
  'pageInfo', json_build_object('hasNextPage', count(*) > 100, 'endCursor', (array_agg(name || ' ' || uuid order by name, uuid))[100]),
  'nodes', json_agg(node) filter (where place <= 100))))::text as answer
from (
  select c.name, c.id::text as uuid, row_number() over (order by c.name, c.id) as place,
    json_build_object('id', 'Cluster:' || c.id, 'name', c.name, 'environment', c.environment, 'region', c.region, 'provider', c.provider,
      'source', json_build_object('id', 'Source:' || c.source_id, 'name', c.source_id),
      'owner', case when c.owner is null and c.contact is null then null else json_build_object('team', c.owner, 'contact', c.contact) end,
      'kubernetes', json_build_object('raw', coalesce(c.version_observed, c.version_declared),
        'minor', coalesce(c.observed_major || '.' || c.observed_minor, c.declared_major || '.' || c.declared_minor)),
      'health', json_build_object('state', case when f.stale then 'Stale' else c.state end, 'underlying', case when f.stale then c.state else c.underlying end,
        'reason', c.reason, 'message', c.message, 'since', c.since),
      'freshness', json_build_object('state', case when f.stale then 'STALE' when f.troubled then 'UNREADABLE' else 'FRESH' end, 'observedAt', f.observed_at),
      'conditions', (select coalesce(json_agg(json_build_object('type', k.type, 'status', k.status, 'reason', k.reason, 'message', k.message,
          'lastTransitionAt', k.last_transition_at) order by k.position), '[]') from condition k where k.object_id = c.object_id),
      'nodePools', (select coalesce(json_agg(json_build_object('name', p.name, 'kubernetes', json_build_object('raw', coalesce(p.version_observed, p.version_declared)),
          'replicas', json_build_object('desired', p.replicas_desired, 'ready', p.replicas_ready)) order by p.name, p.id), '[]')
        from node_pool p where p.cluster_id = c.id and p.gone_at is null)) as node
  from cluster c
  join lateral (select r.last_success_at + s.stale_after_ms * interval '1 millisecond' <= $1 as stale,
      s.trouble_code is not null or r.trouble_code is not null as troubled, greatest(r.caught_up_at, r.verified_at) as observed_at
    from source s join reading r on r.source_id = s.id and r.kind = 'cluster.x-k8s.io/Cluster' where s.id = c.source_id) f on true
  where c.gone_at is null order by c.name, c.id limit 101) page
