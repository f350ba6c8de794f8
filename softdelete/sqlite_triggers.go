package softdelete

import (
	"fmt"
	"slices"
	"strings"
)

// sqliteTriggers are the endings of the names of a table's triggers.
var sqliteTriggers = append([]string{"_soft_restore", "_prevent_deletion"}, sqliteTableTriggers...)

// sqliteTableTriggers are those on the table itself; the others are on its twin.
var sqliteTableTriggers = []string{"_soft_delete_begin", "_soft_delete", "_soft_updated_at", "_soft_created_at"}

func (p *sqlitePlan) triggers() {
	p.trigger("_soft_delete_begin", p.live.name, p.begin())
	p.trigger("_soft_delete", p.live.name, p.capture())
	p.trigger("_soft_restore", twinName(p.live.name), p.restore())
	p.trigger("_prevent_deletion", twinName(p.live.name), fmt.Sprintf(
		"BEFORE DELETE ON %s WHEN OLD.deleted_at IS NOT NULL AND NOT %s BEGIN\n  SELECT RAISE(ABORT, %s);\nEND", p.twin(), sqliteMoving,
		literal("Deletion from tables of deleted rows is forbidden. You can only restore them. To do this set deleted_at = null.")))
	same := p.sameRow("NEW")
	p.trigger("_soft_updated_at", p.live.name, fmt.Sprintf(
		"AFTER UPDATE ON %s WHEN NEW.updated_at IS OLD.updated_at AND NEW.updated_at IS NOT %s BEGIN\n  UPDATE %[1]s SET updated_at = %[2]s WHERE %[3]s;\nEND",
		quote(p.live.name), sqliteNow, same))
	p.trigger("_soft_created_at", p.live.name, fmt.Sprintf(
		"AFTER INSERT ON %s WHEN (NEW.created_at IS NULL OR NEW.updated_at IS NULL) AND NOT %s BEGIN\n  UPDATE %[1]s SET created_at = coalesce(created_at, %[3]s), updated_at = coalesce(updated_at, %[3]s) WHERE %[4]s;\nEND",
		quote(p.live.name), sqliteMoving, sqliteNow, same))
}

func (p *sqlitePlan) trigger(suffix, on, definition string) {
	name := fitName(p.live.name + suffix)
	sql := fmt.Sprintf("CREATE TRIGGER %s %s", quote(name), definition)
	switch had, ok := p.schema.triggers[fold(name)]; {
	case !ok:
		p.add(MissingTrigger, name, "on "+on, sql)
	case had.sql != sql:
		p.add(Outdated, name, "trigger on "+on, "DROP TRIGGER IF EXISTS "+quote(name), sql)
	}
}

// sameRow is the condition that a row has the primary key of NEW or OLD.
func (p *sqlitePlan) sameRow(row string) string {
	conds := make([]string, len(p.live.key))
	for i, k := range p.live.key {
		conds[i] = fmt.Sprintf("%s IS %s.%[1]s", quote(k), row)
	}
	return strings.Join(conds, " AND ")
}

// begin numbers the deletion, unless it runs inside another one, and remembers the links that are about to be cut. A
// depth left over by a trigger that vetoed its row with RAISE(IGNORE) counts no longer once the clock has moved.
func (p *sqlitePlan) begin() string {
	const inside = "(depth > 0 AND at = " + sqliteMillis + ")"
	var b strings.Builder
	fmt.Fprintf(&b, "BEFORE DELETE ON %s BEGIN\n", quote(p.live.name))
	fmt.Fprintf(&b, "  UPDATE softdelete_state SET deletion = deletion + NOT %s, depth = CASE WHEN %[1]s THEN depth + 1 ELSE 1 END, at = %[2]s;\n", inside, sqliteMillis)
	for _, fk := range p.schema.references(p.live) {
		if !fk.setNull || len(fk.child.key) == 0 || slices.Contains(fk.refs, "") {
			continue
		}
		fmt.Fprintf(&b, "  INSERT INTO softdelete_links (deletion, child, fk, parent_key, row_key)\n"+
			"  SELECT (SELECT deletion FROM softdelete_state), %s, %s, %s, %s FROM %s c WHERE %s;\n",
			literal(fk.child.name), literal(fk.name()), sqliteKey("OLD.", fk.refs), sqliteKey("c.", fk.child.key), quote(fk.child.name), fk.match("OLD"))
	}
	b.WriteString("END")
	return b.String()
}

// capture runs when the row is gone and with it all that its cascade took. It refuses to lose a column that was added
// since Install: triggers of SQLite cannot find out about columns.
func (p *sqlitePlan) capture() string {
	var into, from []string
	for _, c := range p.live.columns {
		into = append(into, quote(c.name))
		if sameName(c.name, "deleted_at") {
			from = append(from, sqliteNow)
		} else {
			from = append(from, "OLD."+quote(c.name))
		}
	}
	return fmt.Sprintf("AFTER DELETE ON %s BEGIN\n"+
		"  SELECT RAISE(ABORT, %s) WHERE (SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = %s) IS NOT %s;\n"+
		"  INSERT INTO %s (%s, %s, %s)\n  VALUES (%s, (SELECT deletion FROM softdelete_state), %s);\n"+
		"  UPDATE softdelete_state SET depth = depth - 1;\nEND",
		quote(p.live.name), literal("softdelete: table "+p.live.name+" has changed since Twins.Install: run it again"), literal(p.live.name), literal(p.live.sql),
		p.twin(), strings.Join(into, ", "), deletionColumn, timeColumn, strings.Join(from, ", "), sqliteMillis)
}

// restore runs for each row whose deleted_at an UPDATE left NULL. The statement's own OR IGNORE, OR FAIL or OR REPLACE
// rules inside triggers too: the row is marked deleted again before the INSERT, in case that stops here, and leaves
// the twin only if changes() says that it was inserted.
func (p *sqlitePlan) restore() string {
	var into, from []string
	for _, c := range p.live.columns {
		if !c.generated {
			into = append(into, quote(c.name))
			from = append(from, "NEW."+quote(c.name))
		}
	}
	newer := make([]string, len(p.live.key))
	for i, k := range p.live.key {
		newer[i] = fmt.Sprintf("n.%s IS NEW.%[1]s", quote(k))
	}
	var links strings.Builder // nothing asks for them again
	for _, fk := range p.schema.references(p.live) {
		if fk.setNull && len(fk.child.key) > 0 && !slices.Contains(fk.refs, "") {
			fmt.Fprintf(&links, "  DELETE FROM softdelete_links WHERE deletion = NEW.%s AND child = %s AND fk = %s AND parent_key = %s\n"+
				"    AND NOT EXISTS (SELECT 1 FROM %s t WHERE t.%s = NEW.%[6]s);\n",
				deletionColumn, literal(fk.child.name), literal(fk.name()), sqliteKey("NEW.", fk.refs), p.twin(), idColumn)
		}
	}
	return fmt.Sprintf("AFTER UPDATE ON %[1]s WHEN NEW.deleted_at IS NULL BEGIN\n"+
		"  UPDATE softdelete_state SET moving = %[2]s;\n"+
		"  UPDATE %[1]s SET deleted_at = OLD.deleted_at WHERE %[7]s = NEW.%[7]s AND OLD.deleted_at IS NOT NULL;\n"+
		"  INSERT INTO %[3]s (%[4]s)\n  SELECT %[5]s WHERE NOT EXISTS (SELECT 1 FROM %[1]s n WHERE %[6]s AND n.%[7]s > NEW.%[7]s);\n"+
		"  DELETE FROM %[1]s WHERE %[7]s = NEW.%[7]s AND changes() = 1;\n%[8]s"+
		"  UPDATE softdelete_state SET moving = 0;\nEND",
		p.twin(), sqliteMillis, quote(p.live.name), strings.Join(into, ", "), strings.Join(from, ", "), strings.Join(newer, " AND "), idColumn, links.String())
}

// sqliteKey is a key as a JSON array. JSON has no bytes: a BLOB is written as an object.
func sqliteKey(prefix string, names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("CASE typeof(%[1]s) WHEN 'blob' THEN json_object('blob', hex(%[1]s)) ELSE %[1]s END", prefix+quote(n))
	}
	return "json_array(" + strings.Join(parts, ", ") + ")"
}
