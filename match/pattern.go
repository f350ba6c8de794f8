package match

// Rest is the ellipsis of Go patterns. What it stands for depends on where it stands:
//
//   - as a value in a [Has], [Map], map or struct: any value;
//   - as an item of a [List] or slice: any run of items, also none;
//   - as an item of a [Set]: the other items, if any;
//   - as a key of a [Map]: with the value Rest, any other keys; with another value, exactly one more key that has it.
//
// Alone, as the whole pattern, it would match everything and matches nothing.
const Rest ellipsis = "..."

type ellipsis string

// Has matches a map or struct that has these keys or fields with these values, and maybe others. A struct's keys are
// the names of its fields in Go, also of promoted and unexported ones; a name that the struct lacks fails.
type Has map[any]any

// Map matches a map or struct that has these keys or fields with these values and no others, unless [Rest] is a key.
type Map map[any]any

// List matches a slice or array of any type whose items match one by one, in order; [Rest] stands for any run of them.
type List []any

// Set matches the items of a slice or array, or the keys of a map[K]struct{} or of a map[K]bool that are true, in any
// order: each pattern takes one item, and no item is left over unless [Rest] is among the patterns.
type Set []any
