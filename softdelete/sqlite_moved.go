package softdelete

import (
	"fmt"
	"strings"
)

// moved finds what a renaming of a table has left behind: its triggers, which stop every DELETE, or which belong to another
// table that had this name.
func (p *sqlitePlan) moved() error {
	const suffix = "_soft_delete"
	own := fitName(p.live.name + suffix)
	for _, name := range sortedKeys(p.schema.triggers) {
		tr := p.schema.triggers[name]
		here := sameName(tr.table, p.live.name)
		if !strings.HasSuffix(name, suffix) || here == sameName(name, own) || !strings.Contains(tr.sql, "softdelete_state") {
			continue
		}
		if !here && sameName(name, own) {
			return &TableError{p.live.name, fmt.Sprintf("has a twin that is filled by table %s, which had this name before: install that one under its new name first, see there", tr.table)}
		}
		if here {
			former := strings.TrimSuffix(name, suffix)
			var drops []string
			for _, s := range sqliteTableTriggers {
				drops = append(drops, "DROP TRIGGER IF EXISTS "+quote(fitName(former+s)))
			}
			return &TableError{p.live.name, fmt.Sprintf("was %s when soft delete was installed, and its deleted rows are in %s: rename it back; or, to keep the new name, %s, install, and move the rows of that twin by name",
				former, quote(twinName(former)), strings.Join(drops, "; "))}
		}
	}
	return nil
}
