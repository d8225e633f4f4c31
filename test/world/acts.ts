import type { Fault } from './api/fault.ts'
import { finish } from './life.ts'
import type { Site } from './site.ts'
import type { Trouble, Workload } from './workload.ts'
import type { Place } from './world-options.ts'

/** What can be done to the clusters of a world, and to its management clusters. */
export abstract class Acts {
  abstract get now(): Date
  abstract site(name: string): Site
  /** Any act on one cluster. */
  abstract change(place: Place, act: (workload: Workload) => void): void

  /** The control plane is asked for another version, its pools follow when it is there: `live` or `heal` ends it. */
  upgrade(place: Place, version: string): void {
    this.change(place, (workload) => {
      workload.version = version
      workload.stage = 'Upgrading'
    })
  }

  /** The first pool is asked to have so many nodes. */
  scale(place: Place, replicas: number): void {
    this.change(place, (workload) => {
      const [pool] = workload.pools
      if (pool !== undefined) pool.replicas = replicas
      workload.stage = 'Scaling'
    })
  }

  fail(place: Place, trouble: Trouble): void {
    this.change(place, (workload) => {
      workload.trouble = trouble
    })
  }

  /** Whatever was under way is done, and nothing is broken. */
  heal(place: Place): void {
    this.change(place, finish)
  }

  pause(place: Place): void {
    this.change(place, (workload) => {
      Object.assign(workload, { paused: true, pausedAt: this.now, pausedBy: 'kubectl-patch' })
    })
  }

  unpause(place: Place): void {
    this.change(place, (workload) => {
      Object.assign(workload, { paused: false, pausedAt: null, pausedBy: null })
    })
  }

  /** Deletion begins: objects carry a deletionTimestamp and wait for their finalizers. */
  deleteCluster(place: Place): void {
    this.change(place, (workload) => {
      workload.stage = 'Deleting'
      workload.deletedAt = this.now
    })
  }

  /** The management cluster takes requests and answers none. */
  silence(source: string): void {
    this.disturb(source, { fault: 'silent' })
  }

  unsilence(source: string): void {
    this.calm(source, 'silent')
  }

  /** 403 on one kind (`machines.cluster.x-k8s.io`). */
  forbid(source: string, resource: string): void {
    this.disturb(source, { fault: 'forbidden', on: resource })
  }

  throttle(source: string, retryAfterSeconds: number, times?: number): void {
    this.disturb(source, { fault: 'throttled', retryAfterSeconds, ...(times === undefined ? {} : { times }) })
  }

  disturb(source: string, fault: Fault): void {
    this.site(source).faults.add(fault)
  }

  /** Ends faults of one name, or all. */
  calm(source: string, name?: Fault['fault']): void {
    this.site(source).faults.clear((fault) => name === undefined || fault.fault === name)
  }
}
