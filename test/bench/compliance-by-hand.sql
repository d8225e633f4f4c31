-- What `compliance(groupBy: [MINOR, SUPPORT_PLAN, ENVIRONMENT])` of compliance.ts answers, as a person would write it in one statement.
with worst as (
  select c.observed_major || '.' || c.observed_minor as minor, c.support_plan, c.environment,
    coalesce(f.worst, case when a.judged_at is null then 3 end) as worst
  from cluster c
  left join assessment a on a.cluster_id = c.id
  left join (
    select cluster_id, max(case outcome when 'Fail' then 4 when 'Unknown' then 3 when 'Waived' then 2 else 1 end) as worst
    from finding group by cluster_id) f on f.cluster_id = c.id
  where c.gone_at is null and c.source_id in (select id from source where removed_at is null))
select json_build_object('data', json_build_object('compliance', json_build_object(
  'total', (select json_build_object('clusters', count(worst), 'compliant', count(*) filter (where worst = 1), 'failing', count(*) filter (where worst = 4),
    'waived', count(*) filter (where worst = 2), 'unknown', count(*) filter (where worst = 3)) from worst),
  'groups', (select json_agg(json_build_object('keys', json_build_array(json_build_object('value', minor), json_build_object('value', support_plan),
      json_build_object('value', environment)), 'clusters', clusters, 'compliant', compliant, 'failing', failing, 'waived', waived, 'unknown', unknown)
      order by clusters desc, minor, support_plan, environment)
    from (select minor, support_plan, environment, count(worst) as clusters, count(*) filter (where worst = 1) as compliant,
        count(*) filter (where worst = 4) as failing, count(*) filter (where worst = 2) as waived, count(*) filter (where worst = 3) as unknown
      from worst group by minor, support_plan, environment) g))))::text as answer
