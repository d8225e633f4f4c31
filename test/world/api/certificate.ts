// @peculiar/x509 asks for it and does not bring it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

/** PEM texts of a CA, of a server at 127.0.0.1 and localhost, and of one client. */
export interface Certificates {
  readonly ca: string
  readonly server: { readonly cert: string; readonly key: string }
  readonly client: { readonly cert: string; readonly key: string }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const lifeMs = 30 * 24 * 3_600_000
/** Clocks differ, and a container's may be behind. */
const backdateMs = 3_600_000

/** Makes a CA and its certificates (about 30 ms). The real clock dates them: TLS libraries compare with it. */
export async function makeCertificates(clientName: string): Promise<Certificates> {
  const now = Date.now()
  const validity = { notBefore: new Date(now - backdateMs), notAfter: new Date(now + lifeMs) }
  const caKeys = await keyPair()
  const caName = 'CN=rollcall-world-ca'
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: caName,
    ...validity,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  const leaf = async (serialNumber: string, subject: string, extensions: x509.Extension[]) => {
    const keys = await keyPair()
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject,
      issuer: caName,
      ...validity,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), ...extensions],
    })
    return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
  }
  const names = new x509.SubjectAlternativeNameExtension([
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'localhost' },
  ])
  const usage = (oid: string) => new x509.ExtendedKeyUsageExtension([oid])
  return {
    ca: ca.toString('pem'),
    server: await leaf('02', 'CN=kube-apiserver', [names, usage(x509.ExtendedKeyUsage.serverAuth)]),
    client: await leaf('03', `CN=${clientName}`, [usage(x509.ExtendedKeyUsage.clientAuth)]),
  }
}

const keyPair = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

async function pemOf(key: CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
}
