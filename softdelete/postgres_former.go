package softdelete

import (
	"fmt"
	"regexp"
	"strings"
)

var formerFunction = regexp.MustCompile(`EXECUTE FUNCTION ([^ ]+\.)?(soft_delete|soft_restore|prevent_deletion)\(\)$`)

// former tells triggers of the Python toolset.
func (t pgTrigger) former() bool { return formerFunction.MatchString(t.def) }

// former drops triggers of the Python toolset that stand beside ours: PostgreSQL cut their names off, we do not.
func (p *pgPlan) former() {
	ours := map[string]bool{}
	for _, suffix := range []string{"_soft_delete", "_soft_restore", "_prevent_deletion"} {
		ours[fitName(p.table+suffix)] = true
	}
	for _, onName := range []string{p.liveName(), p.twinName()} {
		on := p.live
		if onName == p.twinName() {
			on = p.twin
		}
		for _, name := range sortedKeys(on.triggers) {
			if tr := on.triggers[name]; tr.former() && !ours[name] {
				p.add(ForeignTrigger, name, "of the Python toolset, on "+onName, fmt.Sprintf("DROP TRIGGER IF EXISTS %s ON %s", quote(name), onName))
				p.undo(tr.recreate(name, onName)...)
				p.lock(onName, lockAll)
			}
		}
	}
}

// recreate makes a trigger again as it was.
func (t pgTrigger) recreate(name, onName string) []string {
	sql := []string{strings.Replace(t.def, "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1)}
	comment := "NULL"
	if t.mark != "" {
		comment = literal(t.mark)
	}
	return append(sql, fmt.Sprintf("COMMENT ON TRIGGER %s ON %s IS %s", quote(name), onName, comment))
}

// sameTrigger compares a trigger as the server writes it with our definition. They differ in quotes, and in a condition,
// which is left out.
func sameTrigger(def, name, definition string) bool {
	plain := func(text string) string {
		text = strings.NewReplacer(`"`, "", ` E'`, ` '`, `(E'`, `('`, `\\`, `\`).Replace(text)
		from, to := strings.Index(text, " WHEN ("), strings.LastIndex(text, ") EXECUTE FUNCTION")
		if from >= 0 && to > from {
			text = text[:from] + text[to+1:]
		}
		return text
	}
	return plain(def) == plain("CREATE TRIGGER "+name+" "+definition)
}
