package softdelete

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Names of our columns in a twin. They come last when a twin is made.
const (
	idColumn       = "softdelete_id"       // identity: the same row can be deleted twice
	extraColumn    = "softdelete_extra"    // JSON: values that the twin has no column or type for, as text with their type
	timeColumn     = "softdelete_at"       // time of the statement
	txColumn       = "softdelete_tx"       // PostgreSQL: transaction
	deletionColumn = "softdelete_deletion" // SQLite: number of the deletion
	ownPrefix      = "softdelete_"
)

func hasOwnPrefix(name string) bool { return strings.HasPrefix(name, ownPrefix) }

// timestamps are the columns that every soft-deletable table has.
var timestamps = []string{"created_at", "updated_at", "deleted_at"}

// maxName is the longest identifier of PostgreSQL, in bytes. SQLite has no limit; one rule serves both.
const maxName = 63

// fitName keeps a name that fits and shortens a longer one to a prefix and a hash. The SQL function softdelete_name
// does the same.
func fitName(name string) string {
	if len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	hash := hex.EncodeToString(sum[:8])
	prefix := name[:maxName-len(hash)-1]
	for !utf8.ValidString(prefix) {
		prefix = prefix[:len(prefix)-1]
	}
	return prefix + "_" + hash
}

// ownName names an index or the like of a twin. No twin and nothing shared by all tables is called so.
func ownName(what, table string) string { return fitName(ownPrefix + what + "_" + table) }

func twinName(table string) string { return fitName("deleted_" + table) }

// quote makes an identifier of any text.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal makes a string constant of any text, for standard_conforming_strings and for SQLite.
func literal(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

func quoted(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + quote(n)
	}
	return out
}

func quotedList(prefix string, names []string) string {
	return strings.Join(quoted(prefix, names), ", ")
}

// pgTextArray is an array as a constant of unknown type: '{"a","b"}'.
func pgTextArray(items []string) string { return literal(pgNameArray(items)) }

// pgNameArray is an array as text: {"a","b"}.
func pgNameArray(items []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = `"` + escape.Replace(item) + `"`
	}
	return "{" + strings.Join(all, ",") + "}"
}
