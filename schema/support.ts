import { type CalendarEntryView, type CalendarFilter as Filter, readCalendarEntries } from '../db/read/calendar.ts'
import type { Support as SupportView } from '../db/read/support.ts'
import type {
  CalendarName as Calendar,
  CalendarOrigin as Origin,
  SupportPhase as Phase,
  SupportPlan as Plan,
} from '../fleet/support/calendar.ts'
import { builder } from './builder.ts'
import { enumOf } from './enums.ts'
import { DateFilter, enumFilterOf, IntFilter, logicDoc, StringFilter, VersionFilter } from './filters.ts'
import { selectionOf } from './selection.ts'

const SupportPhase = enumOf<Phase>('SupportPhase', 'How a version stands to its provider’s promises.', {
  Preview: 'Offered to be tried; nobody promises to support it.',
  Supported: 'In support, as for everybody.',
  SupportedLts: 'In support by its plan: AKS long-term support.',
  SupportedExtended: 'In support by its plan: extended support of EKS or GKE.',
  PlatformSupport: 'AKS, three minors behind: Azure’s own issues only.',
  OutOfSupport: 'Nobody supports it.',
  Unknown: 'Nobody can tell now; `reason` says why. Never to be read as supported, nor as out of support.',
})
export const SupportPhaseFilter = enumFilterOf<Phase>('SupportPhaseFilter', SupportPhase)

const SupportPlan = enumOf<Plan>('SupportPlan', 'Under which promise a minor is supported.', {
  standard: 'Standard support, which every cluster has.',
  lts: 'AKS long-term support: the plan and tier Premium.',
  extended: 'Extended support of EKS or GKE.',
})

const CalendarName = enumOf<Calendar>('SupportCalendarName', 'Whose promises apply.', {
  aks: 'Azure Kubernetes Service.',
  eks: 'Amazon Elastic Kubernetes Service.',
  gke: 'Google Kubernetes Engine.',
  upstream: 'The Kubernetes project: for whoever runs its own control plane.',
})

const CalendarOrigin = enumOf<Origin>(
  'SupportCalendarOrigin',
  'Where a date of support comes from. OPERATOR is trusted before NOTIFICATION, that before OBSERVED, and SEED last.',
  {
    operator: 'The fleet file.',
    notification: 'A notice of Azure’s.',
    observed: 'Rollcall saw it happen.',
    seed: 'Comes along with Rollcall.',
  },
)

export const Support = builder.objectRef<SupportView>('Support').implement({
  description: 'How the Kubernetes version that runs stands to its provider’s promises, and who says so.',
  fields: (t) => ({
    calendar: t.expose('calendar', {
      type: CalendarName,
      nullable: true,
      description: 'Whose promises apply; null when none that Rollcall knows do.',
    }),
    minor: t.exposeString('minor', { nullable: true, description: 'The minor that is judged: of what runs.' }),
    plan: t.expose('plan', { type: SupportPlan, nullable: true, description: 'The plan in force.' }),
    phase: t.expose('phase', { type: SupportPhase, description: 'How the version stands, in one word.' }),
    reason: t.exposeString('reason', {
      description:
        'Why the phase is what it is, in one word: `Supported`, `NotListed`, `PatchRetired`, `RegionUnread`, …',
    }),
    message: t.exposeString('message', { description: 'Phase and reason in a sentence for people, with what to do.' }),
    inSupport: t.exposeBoolean('inSupport', {
      nullable: true,
      description: 'Whether anybody supports it under the plan in force; null when nobody can tell.',
    }),
    endsAt: t.expose('endsAt', {
      type: 'Date',
      nullable: true,
      description: 'The last supported day under the plan in force; null when no source says.',
    }),
    daysLeft: t.exposeInt('daysLeft', {
      nullable: true,
      description: 'Days until the last supported day, by today’s date in UTC: 0 on that day, below 0 after it.',
    }),
    standardEnd: t.expose('standardEnd', {
      type: 'Date',
      nullable: true,
      description: 'The last day without any extra plan.',
    }),
    extendedEnd: t.expose('extendedEnd', {
      type: 'Date',
      nullable: true,
      description: 'The last day under long-term or extended support, in force or not.',
    }),
    ltsEnd: t.expose('ltsEnd', {
      type: 'Date',
      nullable: true,
      description: 'The last day of AKS long-term support, in force or not; null elsewhere.',
    }),
    ltsOnly: t.exposeBoolean('ltsOnly', {
      description: 'Whether only long-term support covers it still, whether that plan is in force or not.',
    }),
    calendarSource: t.exposeString('calendarSource', { nullable: true, description: 'Who says when support ends.' }),
    asOf: t.expose('asOf', {
      type: 'Date',
      nullable: true,
      description: 'The day on which `calendarSource` was last known to say so.',
    }),
    latestPatch: t.exposeString('latestPatch', {
      nullable: true,
      description: 'The newest patch of its minor in its region; null when not known.',
    }),
    upgradeTargets: t.exposeStringList('upgradeTargets', {
      description: 'What it can be upgraded to now, old to new; empty when not known.',
    }),
    judgedAt: t.expose('judgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When support of this cluster was last judged; null when it was not yet.',
    }),
  }),
})

const Entry = builder.objectRef<CalendarEntryView>('SupportCalendarEntry').implement({
  description: 'One promise: until when a minor is supported under a plan.',
  fields: (t) => ({
    calendar: t.expose('calendar', { type: CalendarName, description: 'Whose promise.' }),
    minor: t.exposeString('minor', { description: 'Of which minor, e.g. `1.33`.' }),
    plan: t.expose('plan', { type: SupportPlan, description: 'Under which plan.' }),
    region: t.exposeString('region', { nullable: true, description: 'In which region; null: everywhere.' }),
    availableAt: t.expose('availableAt', {
      type: 'Date',
      nullable: true,
      description: 'The first day; null when no source says.',
    }),
    endsAt: t.expose('endsAt', {
      type: 'Date',
      nullable: true,
      description: 'The last supported day; null when no source says, which never means for ever.',
    }),
    daysLeft: t.exposeInt('daysLeft', {
      nullable: true,
      description: 'Days until the last supported day, by today’s date in UTC: 0 on that day, below 0 after it.',
    }),
    origin: t.expose('origin', { type: CalendarOrigin, description: 'How Rollcall knows.' }),
    source: t.exposeString('source', { description: 'Who says so, for a person to check.' }),
    asOf: t.expose('asOf', { type: 'Date', description: 'The day on which the promise was last known to be made.' }),
    inForce: t.exposeBoolean('inForce', {
      description: 'Whether clusters are judged by it; false where a more trusted entry speaks of the same.',
    }),
  }),
})

const CalendarFilter = builder.inputRef<Filter>('SupportCalendarFilter')
CalendarFilter.implement({
  description: 'Which promises. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [CalendarFilter], description: logicDoc.and }),
    or: t.field({ type: [CalendarFilter], description: logicDoc.or }),
    not: t.field({ type: CalendarFilter, description: logicDoc.not }),
    calendar: t.field({
      type: enumFilterOf<Calendar>('SupportCalendarNameFilter', CalendarName),
      description: 'Whose.',
    }),
    minor: t.field({ type: VersionFilter, description: 'Of which minors, by number.' }),
    plan: t.field({ type: enumFilterOf<Plan>('SupportPlanFilter', SupportPlan), description: 'Under which plan.' }),
    region: t.field({ type: StringFilter, description: 'In which region; `isNull: true` for everywhere.' }),
    origin: t.field({
      type: enumFilterOf<Origin>('SupportCalendarOriginFilter', CalendarOrigin),
      description: 'How Rollcall knows.',
    }),
    endsAt: t.field({ type: DateFilter, description: 'The last supported day.' }),
    daysLeft: t.field({ type: IntFilter, description: 'Days until the last supported day.' }),
    inForce: t.boolean({ description: 'Whether clusters are judged by it.' }),
  }),
})

builder.queryField('supportCalendar', (t) =>
  t.field({
    type: [Entry],
    nullable: { list: true, items: false },
    description:
      'Until when which minor is supported, by calendar, the newest minor first; of several sources, the most trusted first.',
    complexity: { field: 5, multiplier: 100 },
    args: { filter: t.arg({ type: CalendarFilter, description: 'Which promises; all when nothing is said.' }) },
    resolve: (_root, { filter }, { db, now }, info) =>
      readCalendarEntries(db, { filter, now, selection: selectionOf(info) }),
  }),
)
