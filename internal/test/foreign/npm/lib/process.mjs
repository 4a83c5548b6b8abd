// What both peers need of their process: a loopback port, a ready line, and an end.

/** Listens on a free port of 127.0.0.1 (or on `port`) and resolves to the port. */
export function listen (server, port = 0) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server.address().port))
  })
}

/** Tells the parent, as one JSON line on standard output, that the peer answers now. */
export function ready (facts) {
  process.stdout.write(JSON.stringify({ ready: true, ...facts }) + '\n')
}

/** Ends with the parent: it holds our standard input open for as long as it lives. */
export function exitWithParent (cleanup = async () => {}) {
  process.stdin.resume()
  process.stdin.once('end', async () => {
    await cleanup().catch((err) => console.error('cleaning up:', err))
    process.exit(0)
  })
}

/** The options, one JSON object in the first argument. */
export function options () {
  return JSON.parse(process.argv[2] ?? '{}')
}
