'use strict'

// The npm package sqlite3 is native code: it needs a compiler, or a binary from a host that is not the registry.
// Node 22 has SQLite inside, so this supplies the handful of calls that sequelize makes, over node:sqlite.

const { DatabaseSync } = require('node:sqlite')

const NAMES = { 5: 'SQLITE_BUSY', 19: 'SQLITE_CONSTRAINT' }

// sequelize tells a violated constraint from other errors by sqlite3's name of the primary result code.
function named (err) {
  err.code = NAMES[err.errcode & 0xff] ?? 'SQLITE_ERROR'
  return err
}

function bindable (value) {
  if (value === undefined) return null
  if (typeof value === 'boolean') return Number(value)
  return value
}

function bindings (params) {
  if (params == null) return []
  if (Array.isArray(params)) return params.map(bindable)
  return [Object.fromEntries(Object.entries(params).map(([name, value]) => [name, bindable(value)]))]
}

// sequelize reads lastID and changes from the callback's `this`, and knows it by the name of its class.
class Statement {
  constructor (lastID, changes) {
    this.lastID = Number(lastID)
    this.changes = Number(changes)
  }
}

class Database {
  constructor (filename, mode, callback) {
    this.filename = filename
    let error = null
    try {
      this.db = new DatabaseSync(filename)
      this.db.exec('PRAGMA synchronous = OFF') // a test's data need not survive a power cut
    } catch (err) {
      error = named(err)
    }
    queueMicrotask(() => callback?.call(this, error))
  }

  serialize (work) { work() } // everything is synchronous: always serialized

  run (sql, params, callback) {
    this.#answer(callback, sql, params, (statement, values) => {
      const { lastInsertRowid, changes } = statement.run(...values)
      return { self: new Statement(lastInsertRowid, changes) }
    })
    return this
  }

  all (sql, params, callback) {
    if (typeof params === 'function') [params, callback] = [[], params]
    this.#answer(callback, sql, params, (statement, values) => {
      return { self: new Statement(0, 0), rows: statement.all(...values) }
    })
    return this
  }

  close (callback) {
    this.db.close()
    queueMicrotask(() => callback?.call(this, null))
  }

  #answer (callback, sql, params, execute) {
    let error = null
    let result = { self: new Statement(0, 0) }
    try {
      const statement = this.db.prepare(sql)
      statement.setAllowUnknownNamedParameters(true)
      result = execute(statement, bindings(params))
    } catch (err) {
      error = named(err)
    }
    queueMicrotask(() => {
      if (callback) callback.call(result.self, error, result.rows)
      else if (error) throw error
    })
  }
}

module.exports = { Database, OPEN_READONLY: 1, OPEN_READWRITE: 2, OPEN_CREATE: 4 }
