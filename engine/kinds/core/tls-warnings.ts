import { goQuote } from '../../objects/go-quote.ts'

/**
 * What is wrong with the PEM of a certificate and its key, in the words of Go's `tls.X509KeyPair`. Whether the key is the certificate's own is not
 * looked at: that takes cryptography.
 */
export function certificateWarnings(certificate: string, key: string): string[] {
  const certificates = blockTypes(certificate)
  if (!certificates.includes('CERTIFICATE')) return [noCertificate(certificates)]
  const keys = blockTypes(key)
  if (!keys.some(isKey)) return [noKey(keys)]
  return []
}

const isKey = (type: string): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')

function noCertificate(skipped: readonly string[]): string {
  const [first = ''] = skipped
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (skipped.length === 1 && first.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find ${goQuote('CERTIFICATE')} PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

function noKey(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input'
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  return `tls: failed to find PEM block with type ending in ${goQuote('PRIVATE KEY')} in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

/** Types of the PEM blocks of a text whose contents are base64, headers aside. */
function blockTypes(text: string): string[] {
  const block = /-----BEGIN ([^\n]*?)-----[ \t]*\r?\n((?:[^:\n]+:[^\n]*\n)*)\s*([A-Za-z0-9+/=\s]*)-----END \1-----/g
  return [...text.matchAll(block)].flatMap(([, type = '', , content = '']) => {
    const bare = content.replace(/\s/g, '')
    return bare.length % 4 === 0 ? [type] : []
  })
}
