// A provider of identities for tests: node provider.mjs REDIRECT-URI PEOPLE. PEOPLE is JSON, the claims of each by the
// name with which they sign in; every password is right. In PEOPLE, "" says how the provider is set up.
import http from 'node:http'
import { Provider } from 'oidc-provider'

const [redirect, json] = process.argv.slice(2)
const people = JSON.parse(json)
const server = http.createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'earshot', client_secret: 'a secret of the provider', redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    conformIdTokenClaims: people['']?.apart ?? false,
    cookies: { keys: ['for the test'] },
    pkce: { required: () => true },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
