package softdelete

import (
	"context"
	"fmt"
)

// A pgGuard is a constraint or unique index of a twin.
type pgGuard struct {
	name       string
	constraint bool
	ours       bool // the key that we make
}

// inspect reads what is to know of a twin that is there.
func (p *pgPlan) inspect(ctx context.Context, db DB) error {
	if p.twin == nil {
		return nil
	}
	err := each(ctx, db, `
		SELECT c.conname, true, c.contype = 'p' AND ARRAY['`+timeColumn+`', '`+idColumn+`']::name[] = ARRAY(
			SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum ORDER BY k.n)
		FROM pg_constraint c
		WHERE c.conrelid = $1::bigint::oid AND c.contype IN ('p', 'u', 'x', 'f', 'c')
		UNION ALL
		SELECT x.relname, false, false
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
		WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
		ORDER BY 1`, []any{p.twin.oid}, func(scan scanner) error {
		var g pgGuard
		err := scan(&g.name, &g.constraint, &g.ours)
		p.guards = append(p.guards, g)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.vetoes(ctx, db); err != nil {
		return err
	}
	if _, ours := p.twin.column(idColumn); ours {
		err := db.QueryRowContext(ctx, `SELECT coalesce((SELECT s.seqcache FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence($1, '`+idColumn+`')::regclass), 0)`,
			p.twinName()).Scan(&p.cache)
		if err != nil {
			return err
		}
	}
	if p.memory, err = pgRemembered(ctx, db, p.live, p.twin); err != nil {
		return err
	}
	if _, ours := p.twin.column(idColumn); ours || p.twin.kind != "r" {
		return nil
	}
	return db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM `+p.twinName()+`)`).Scan(&p.occupied)
}

// vetoes finds what could keep rows out of the twin without an error. Whoever made it has to decide.
func (p *pgPlan) vetoes(ctx context.Context, db DB) error {
	return each(ctx, db, `
		SELECT 'TRIGGER', t.tgname FROM pg_trigger t
		WHERE t.tgrelid = $1::bigint::oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 7 = 7 -- for rows, BEFORE, INSERT
		UNION ALL
		SELECT 'RULE', r.rulename FROM pg_rewrite r WHERE r.ev_class = $1::bigint::oid AND r.ev_type = '3' AND r.is_instead
		ORDER BY 1, 2`, []any{p.twin.oid}, func(scan scanner) error {
		var what, name string
		if err := scan(&what, &name); err != nil {
			return err
		}
		p.add(ForeignTrigger, name, fmt.Sprintf("a row that it keeps out of the twin is lost; unless you are sure of it: DROP %s %s ON %s", what, quote(name), p.twinName()))
		return nil
	})
}

// refuseTwin keeps Install from a twin of another role, whose functions could not be trusted with its rows.
func (p *pgPlan) refuseTwin() {
	if p.twin == nil || !p.twin.foreign {
		return
	}
	for i := range p.changes {
		if p.changes[i].refused == nil {
			p.changes[i].refused = &TableError{p.table, fmt.Sprintf("has a twin that belongs to role %q: let one role own both (ALTER TABLE %s OWNER TO %s)", p.twin.owner, p.twinName(), quote(p.live.owner))}
		}
	}
}
