// By which of the two schemes a request is signed, and servers that take only one of them.

/** "rfc9421", "cavage", or "" for a request that is not signed. */
export function schemeOf (request) {
  if (request.headers['signature-input']) return 'rfc9421'
  return request.headers.signature ? 'cavage' : ''
}

/** The keyId that a request says it is signed by, unverified. */
export function keyIdOf (request) {
  const said = request.headers['signature-input'] ?? request.headers.signature ?? ''
  return /keyid="([^"]*)"/i.exec(said)?.[1] ?? ''
}

/** Answers 401 to a delivery that is not signed by the one scheme that is taken, if there is one; and says whether it did. */
export function refused (request, response, takes) {
  if (!takes || request.method !== 'POST' || schemeOf(request) === takes) return false
  request.resume()
  response.writeHead(401, { 'content-type': 'text/plain' })
  response.end(`only ${takes} is taken`)
  return true
}
