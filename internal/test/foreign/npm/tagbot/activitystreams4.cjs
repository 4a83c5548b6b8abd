'use strict'

// activitypub-bot 0.51 asks for activitystrea.ms 4, which the registry does not have. 3.1.0 lacks four things of
// it, supplied here before the library loads: registerContext (a JSON-LD context known without fetching it), one
// set of known contexts for reading and writing, documents written with the context they were made with, and
// isActivity. What 3.1.0 writes for the time of a deletion (60 kB that describe a calendar) stays as it is: readers bear it.

const { Activity } = require('vocabs-as')
const Environment = require('activitystrea.ms/src/environment')
const Loader = require('activitystrea.ms/src/contextloader')
const reasoner = require('activitystrea.ms/src/reasoner')

const known = new Map()
const makeDocLoader = Loader.prototype.makeDocLoader
Loader.prototype.makeDocLoader = function () {
  const fetchDocument = makeDocLoader.call(this)
  return async (url) => known.has(url)
    ? { contextUrl: null, document: known.get(url), documentUrl: url }
    : await fetchDocument(url)
}

Object.defineProperty(Environment.prototype, 'origContext', { get () { return this.originalContext } })

const as2 = require('activitystrea.ms') // only now: it makes its document loader while it loads
as2.registerContext ??= (url, document) => { known.set(url, document) }
if (!as2.models.Base.prototype.isActivity) {
  Object.defineProperty(as2.models.Base.prototype, 'isActivity', { // not enumerable: it would be written into documents
    value () { return [this.type ?? []].flat().some((type) => reasoner.node(type).is(Activity)) }
  })
}
