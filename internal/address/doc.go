// Package address answers one question about every address that comes in: does it
// belong to this instance, and to what of it? Others write an address of ours in many ways
// (a slash at the end, a page instead of an id, a host in Unicode, a handle);
// the answer holds the one id under which the rest of the program knows the thing.
//
// It asks nobody: what it needs to know comes in as arguments. Whether a desk,
// post or issue of that name exists is for the caller to look up.
package address
