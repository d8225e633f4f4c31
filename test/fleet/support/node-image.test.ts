import { describe, expect, it } from 'vitest'
import { readNodeImage } from '../../../fleet/support/node-image.ts'

describe('readNodeImage', () => {
  it.each([
    ['AKSUbuntu-2204gen2containerd-202504.28.0', '2025-04-28', 'linux', 'AKSUbuntu-2204gen2containerd'],
    ['AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01', '2024-12-01', 'linux', 'AKSUbuntu-2204gen2containerd'],
    ['AKSUbuntu-2204gen2containerd-202511.07.0', '2025-11-07', 'linux', 'AKSUbuntu-2204gen2containerd'],
    ['AKSUbuntu-2204gen2containerd-202306.01.0', '2023-06-01', 'linux', 'AKSUbuntu-2204gen2containerd'],
    ['AKSUbuntu-2404gen2arm64containerd-202610.15.12', '2026-10-15', 'linux', 'AKSUbuntu-2404gen2arm64containerd'],
    ['AKSAzureLinux-V2gen2-202502.26.0', '2025-02-26', 'linux', 'AKSAzureLinux-V2gen2'],
    ['AKSAzureContainerLinux-202606.01.0', '2026-06-01', 'linux', 'AKSAzureContainerLinux'],
    ['AKSUbuntu-1804gen2containerd-2022.01.07', '2022-01-07', 'linux', 'AKSUbuntu-1804gen2containerd'],
    ['AKSUbuntu:1604:2020.03.11', '2020-03-11', 'linux', 'AKSUbuntu-1604'],
    ['AKSWindows-2022-containerd-20348.3207.250214', '2025-02-14', 'windows', 'AKSWindows-2022-containerd'],
    ['AKSWindows-2022-containerd-gen2-20348.3207.250214', '2025-02-14', 'windows', 'AKSWindows-2022-containerd-gen2'],
  ])('%s', (name, releasedAt, os, family) => {
    expect(readNodeImage(name)).toEqual({ releasedAt, os, family })
  })

  it.each([
    ['AKSUbuntu-2204gen2containerd-202513.01.0', 'AKSUbuntu-2204gen2containerd', 'no such month'],
    ['AKSUbuntu-2204gen2containerd-202502.30.0', 'AKSUbuntu-2204gen2containerd', 'no such day'],
    ['AKSUbuntu-2204gen2containerd-202410.27.0-2024.13.01', 'AKSUbuntu-2204gen2containerd', 'the last date counts'],
    ['AKSUbuntu-2204gen2containerd', 'AKSUbuntu-2204gen2containerd', 'no date'],
    ['AKSUbuntu-2204gen2containerd-0000.01.01', 'AKSUbuntu-2204gen2containerd-0000.01.01', 'no year of AKS'],
  ])('%s: %s, %s', (name, family) => {
    expect(readNodeImage(name)).toEqual({ releasedAt: null, os: 'linux', family })
  })

  it('takes no build number of Windows for a date', () => {
    expect(readNodeImage('AKSWindows-2022-containerd-20348.3207.250230').releasedAt).toBeNull()
    expect(readNodeImage('AKSWindows-2022-containerd-20348.3207')).toMatchObject({ releasedAt: null, os: 'windows' })
  })

  it.each([null, '', 'amazon-eks-node-1.31-v20250203', 'capi-ubuntu-2204-2024.01.01'])('%j tells nothing', (name) => {
    expect(readNodeImage(name)).toEqual({ releasedAt: null, os: null, family: null })
  })
})
