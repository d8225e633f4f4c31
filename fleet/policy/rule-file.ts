import { minVersion, validRange } from 'semver'
import * as z from 'zod'
import { exact, period, text, yesOrNo } from '../configuration/shape.ts'
import { driftEntry } from './drift-file.ts'
import { type Severity, severities } from './policy.ts'
import type { Entry } from './rule-list.ts'
import { dayMs } from './span.ts'
import { stableName } from './stable-name.ts'

// How the fleet file writes rules: a list of one-key mappings, `- versionSkew: { max: 2 }`.

/** What every rule takes. `severity` is what it has where the file does not say. */
const common = (severity: Severity) => ({
  id: stableName().optional().meta({ description: "Unique within the policy. Default: the rule's type." }),
  severity: z
    .enum(severities, { error: `must be one of ${severities.join(', ')}` })
    .default(severity)
    .meta({ description: 'How bad a violation is.' }),
  grace: period('7d')
    .default(0)
    .meta({ description: 'How long a violation is tolerated before it fails, for example 7d. Default: not at all.' }),
})

const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

/** A word whose letters' case does not matter, given back as Azure writes it. */
const word = (words: readonly string[]) => {
  const error = `must be one of ${words.join(', ')}`
  const find = (written: string) => words.find((each) => each.toLowerCase() === written.toLowerCase())
  return z
    .string({ error })
    .refine((written) => find(written) !== undefined, { error })
    .transform((written) => find(written) ?? written)
}

const words = (all: readonly string[], example: string) => {
  const error = `must be a list that is not empty, for example ${example}`
  return z.array(word(all), { error }).min(1, { error }).optional()
}

const versionProblem = 'must be a version in quotes, for example "1.32" or "1.32.4"'
const version = z.string({ error: versionProblem }).regex(/^v?\d{1,5}\.\d{1,5}(\.\d{1,9})?$/, { error: versionProblem })

const range = text('">=1.14 <2"')
  .refine((written) => validRange(written) !== null, {
    error: 'must be a range of semantic versions, for example ">=1.14 <2"',
  })
  .refine((written) => validRange(written) === null || minVersion(written) !== null, {
    error: 'is a range that no version lies in; write for example ">=1.14 <2"',
  })

const age = (example: string) =>
  period(example).refine((ms) => ms > 0, { error: `must be longer than none, for example ${example}` })

const supportWindow = exact({
  ...common('high'),
  lead: period('30d')
    .default(0)
    .meta({ description: 'Fails so long before support ends. Default: when it has ended.' }),
  allowPlatformSupport: yesOrNo()
    .default(false)
    .meta({ description: "Whether AKS' platform support (N-3) still passes. Default false." }),
  allowExtended: yesOrNo()
    .default(true)
    .meta({ description: 'Whether long-term or extended support passes where it is in force. Default true.' }),
}).transform(({ lead, ...rule }) => ({ type: 'supportWindow' as const, ...rule, leadMs: lead }))

const minimumVersion = exact({
  ...common('medium'),
  version: version.meta({ description: 'The oldest Kubernetes version that passes, for example "1.32".' }),
}).transform((rule) => ({ type: 'minimumVersion' as const, ...rule }))

const versionSkew = exact({
  ...common('high'),
  max: whole(0, 3)
    .default(3)
    .meta({ description: 'Minors that nodes may be behind the control plane; Kubernetes supports 3. Default 3.' }),
}).transform((rule) => ({ type: 'versionSkew' as const, ...rule }))

const patchAge = exact({
  ...common('low'),
  maxBehind: whole(0, 100).meta({ description: 'How many newer patches of its minor may exist in its region (AKS).' }),
}).transform((rule) => ({ type: 'patchAge' as const, ...rule }))

const nodeImageAge = exact({
  ...common('medium'),
  linux: age('30d')
    .default(30 * dayMs)
    .meta({ description: 'From this age on an AKS Linux image fails. Default 30d.' }),
  windows: age('60d')
    .default(60 * dayMs)
    .meta({ description: 'The same for Windows images. Default 60d.' }),
}).transform(({ linux, windows, ...rule }) => ({
  type: 'nodeImageAge' as const,
  ...rule,
  linuxMs: linux,
  windowsMs: windows,
}))

const autoUpgrade = exact({
  ...common('medium'),
  channels: words(['rapid', 'stable', 'patch', 'node-image', 'none'], '[patch, stable]').meta({
    description: 'AKS upgrade channels that pass; left out: any.',
  }),
  nodeOsChannels: words(['NodeImage', 'SecurityPatch', 'Unmanaged', 'None'], '[NodeImage, SecurityPatch]').meta({
    description: "AKS node images' upgrade channels that pass; left out: any.",
  }),
})
  .refine(({ channels, nodeOsChannels }) => channels !== undefined || nodeOsChannels !== undefined, {
    error: 'must have "channels" or "nodeOsChannels", for example { channels: [patch, stable] }',
  })
  .transform(({ channels, nodeOsChannels, ...rule }) => ({
    type: 'autoUpgrade' as const,
    ...rule,
    channels: channels ?? [],
    nodeOsChannels: nodeOsChannels ?? [],
  }))

const componentVersion = exact({
  ...common('medium'),
  chart: text('cert-manager').optional().meta({ description: 'The name of a Helm chart.' }),
  provider: text('infrastructure-azure').optional().meta({ description: 'The name of a Cluster API provider.' }),
  range: range.meta({ description: 'The versions that pass, for example ">=1.14 <2".' }),
  required: yesOrNo().default(false).meta({ description: 'Whether its absence fails. Default false.' }),
})
  .refine(({ chart, provider }) => (chart === undefined) !== (provider === undefined), {
    error: 'must have either "chart" or "provider", for example { chart: cert-manager, range: ">=1.14 <2" }',
  })
  .transform(({ chart, provider, ...rule }) => ({
    type: 'componentVersion' as const,
    ...rule,
    component: chart === undefined ? ('provider' as const) : ('chart' as const),
    name: chart ?? provider ?? '',
  }))

const owner = exact({
  ...common('low'),
  contact: yesOrNo().default(false).meta({ description: 'Whether a contact must be known too. Default false.' }),
}).transform(({ contact, ...rule }) => ({ type: 'owner' as const, ...rule, contactRequired: contact }))

const labelListProblem = 'must be a list of label names that is not empty, for example [cost-center]'
const labels = exact({
  ...common('low'),
  required: z
    .array(text('cost-center'), { error: labelListProblem })
    .min(1, { error: labelListProblem })
    .meta({ description: 'Labels (or tags) that must be there and not empty; letter case does not matter.' }),
}).transform((rule) => ({ type: 'labels' as const, ...rule }))

const entry = exact({
  supportWindow: supportWindow.optional(),
  minimumVersion: minimumVersion.optional(),
  versionSkew: versionSkew.optional(),
  patchAge: patchAge.optional(),
  nodeImageAge: nodeImageAge.optional(),
  autoUpgrade: autoUpgrade.optional(),
  componentVersion: componentVersion.optional(),
  owner: owner.optional(),
  labels: labels.optional(),
  drift: driftEntry.optional(),
})

/** One entry of `rules`. */
export const ruleSchema = entry
  .refine((written) => Object.values(written).filter((rule) => rule !== undefined).length === 1, {
    error: `must be exactly one of ${Object.keys(entry.shape).join(', ')}, for example { versionSkew: { max: 2 } }`,
  })
  .transform(ruleOf)

function ruleOf(written: z.output<typeof entry>): Entry {
  const rule = Object.values(written).find((each) => each !== undefined)
  // Nothing but a bug comes here: the schema has refused an entry without a rule.
  if (!rule) throw new Error('an entry of rules has no rule')
  if (rule.type === 'drift') return rule
  const { id, grace, ...parameters } = rule
  return { ...parameters, id: id ?? rule.type, graceMs: grace }
}
