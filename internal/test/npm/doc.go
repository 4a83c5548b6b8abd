// Package npm installs npm packages for tests, by a lock file that names no registry, into .cache below the module's
// root: once for all processes, and again only when the list changes.
package npm
