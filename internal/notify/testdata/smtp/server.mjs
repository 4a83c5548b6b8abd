// A server for mail for tests: node server.mjs CERT KEY. It wants STARTTLS and a password, and prints what it gets as
// lines of JSON, after its port. Each mail to busy@acme.example is refused for now.
import fs from 'node:fs'
import { SMTPServer } from 'smtp-server'

const [cert, key] = process.argv.slice(2).map((file) => fs.readFileSync(file))
const server = new SMTPServer({
  cert, key, authMethods: ['PLAIN', 'LOGIN'],
  onAuth: ({ username, password }, session, done) =>
    username === 'earshot' && password === 'a password' && session.secure ? done(null, { user: username }) : done(new Error('wrong password')),
  onRcptTo: ({ address }, session, done) => {
    if (address !== 'busy@acme.example') return done()
    const busy = new Error('come back later')
    busy.responseCode = 451
    done(busy)
  },
  onData: (stream, session, done) => {
    let data = ''
    stream.on('data', (chunk) => { data += chunk })
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope
      console.log(JSON.stringify({ from: mailFrom.address, to: rcptTo.map(({ address }) => address), data, secure: session.secure }))
      done()
    })
  },
})
server.on('error', () => {})
server.listen(0, '127.0.0.1', () => console.log(server.server.address().port))
