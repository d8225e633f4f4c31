import type { Member } from '../cluster.ts'
import type { Kind } from '../kinds/kind.ts'
import { armClusterKind, clusterKind, type KindKey, kindKeyOf } from '../reference.ts'

/**
 * One that claims the cluster: a management cluster; where it has several Cluster objects that mean the same cluster, one of these.
 * Two claim one cluster when it was moved and its original stayed behind, or when a manifest was copied (domain.md 4.5).
 */
export interface Claimant {
  readonly source: string
  /** The Cluster object, when it is among the members. */
  readonly cluster: Member | null
  readonly members: readonly Member[]
}

/** Azure's own object of a cluster: it belongs to no claimant, and testifies beside whichever counts. */
export const isArm = ({ ref }: Member): boolean => kindKeyOf(ref) === armClusterKind

/** All that claim the cluster, the one that counts first. */
export function claimantsOf(members: readonly Member[]): readonly Claimant[] {
  const declared = members.filter((member) => !isArm(member))
  const bySource = Map.groupBy(declared, ({ source }) => source)
  return [...bySource].flatMap(([source, told]) => claimantsIn(source, told)).sort(claimantsInOrder)
}

function claimantsIn(source: string, members: readonly Member[]): readonly Claimant[] {
  const clusters = members.filter(({ ref }) => kindKeyOf(ref) === clusterKind).sort(byStanding)
  const [first = null] = clusters
  if (clusters.length < 2) return [{ source, cluster: first, members }]
  return clusters.map((cluster) => ({ source, cluster, members: members.filter((member) => isOf(member, cluster)) }))
}

/** Cluster API keeps all objects of a cluster in its namespace (domain.md 2); there they say, or inherit, whose they are. */
function isOf(member: Member, { ref }: Member): boolean {
  if (member.ref.namespace !== ref.namespace) return false
  if (kindKeyOf(member.ref) === clusterKind) return member.ref.name === ref.name
  return !member.owner || (member.owner.namespace === ref.namespace && member.owner.name === ref.name)
}

function claimantsInOrder(a: Claimant, b: Claimant): number {
  if (a.cluster && b.cluster) return byStanding(a.cluster, b.cluster)
  if (a.cluster || b.cluster) return a.cluster ? -1 : 1
  return Number(isSilent(a)) - Number(isSilent(b)) || order(a.source, b.source)
}

const isSilent = ({ members }: Claimant): boolean => members.every(({ fresh }) => !fresh)

/**
 * Of several objects that mean one cluster, the one that counts first: at work before paused, kept before deleted, read lately before
 * silent, the newest, and else by name, so that everybody picks the same. A move pauses the original, and makes the copy later: the
 * original does not count again because the copy's source is silent.
 */
export function byStanding(a: Member, b: Member): number {
  return (
    Number(a.health.state === 'Suspended') - Number(b.health.state === 'Suspended') ||
    Number(a.health.state === 'Deleting') - Number(b.health.state === 'Deleting') ||
    Number(!a.fresh) - Number(!b.fresh) ||
    bornAt(b) - bornAt(a) ||
    order(a.source, b.source) ||
    order(a.ref.namespace, b.ref.namespace) ||
    order(a.ref.name, b.ref.name)
  )
}

const bornAt = ({ createdAt }: Member): number => (createdAt === null ? 0 : Date.parse(createdAt))
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Whether some objects are of a cluster at all: what reconciles from Git only acts on one, which need not be there (a kubeconfig may
 * name anything).
 * @param kinds those understood, operators' own included.
 */
export const isCluster = (members: readonly Pick<Member, 'ref'>[], kinds: (key: KindKey) => Kind): boolean =>
  members.some(({ ref }) => {
    const { part, declaration } = kinds(kindKeyOf(ref))
    return part !== 'gitops' && (part !== 'none' || declaration === undefined)
  })
