// Package picture makes pictures safe to show: of bytes that others made it makes bytes of
// ours.
//
// What they are is read from the first of them; the size in pixels is bounded before
// anything is decoded; and the picture is written again, so that neither the place where
// it was taken nor a script comes along. Clean does so with pictures of strangers, Draw with
// those that the provider chose.
package picture
